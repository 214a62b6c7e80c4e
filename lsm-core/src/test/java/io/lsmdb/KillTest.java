package io.lsmdb;

import static io.lsmdb.TestStores.bytes;
import static io.lsmdb.TestStores.key;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.testing.ModelDb;
import io.lsmdb.testing.Seed;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process that is killed while it writes: what it was told to be written is there afterwards, and
 * what is there is a prefix of what it wrote.
 *
 * <p>All changes follow from the seed and their number, so that this process can tell what any
 * prefix looks like.
 */
class KillTest {
  private static final byte[] LAST = bytes("last");

  @TempDir Path directory;

  /** One batch, to be applied to a store or to the model. */
  private interface Target {
    void put(String family, byte[] key, byte[] value);

    void delete(String family, byte[] key);
  }

  /** Makes the changes of a number. */
  private static void changes(long seed, long number, Target target) {
    Random random = new Random(seed * 1_000_003 + number);
    for (String family : new String[] {"default", "other"}) {
      target.put(family, LAST, bytes(Long.toString(number)));
      for (int left = random.nextInt(3); left > 0; left--) {
        int length = random.nextInt(200) == 0 ? 300_000 : random.nextInt(500);
        target.put(family, key(random.nextInt(400)), TestStores.value(number, length));
      }
      if (random.nextBoolean()) {
        target.delete(family, key(random.nextInt(400)));
      }
    }
  }

  private static Db open(Path store, long seed) {
    return Db.open(store, TestStores.randomOptions(new Random(seed)));
  }

  /** Writes from a number on, and prints each number once it is acknowledged. */
  static final class Writer {
    private Writer() {}

    /** Runs in a process of its own. */
    public static void main(String[] args) {
      long seed = Long.parseLong(args[1]);
      boolean sync = Boolean.parseBoolean(args[3]);
      PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
      try (Db db = open(Path.of(args[0]), seed + Long.parseLong(args[2]))) {
        ColumnFamily other = db.columnFamily("other").orElseThrow();
        for (long number = Long.parseLong(args[2]); ; number++) {
          WriteBatch batch = new WriteBatch();
          changes(seed, number, batchOf(batch, db.defaultColumnFamily(), other));
          db.write(batch, sync ? WriteOptions.SYNC : WriteOptions.BUFFERED);
          out.println(number);
        }
      }
    }

    private static Target batchOf(WriteBatch batch, ColumnFamily first, ColumnFamily other) {
      return new Target() {
        @Override
        public void put(String family, byte[] key, byte[] value) {
          batch.put(family.equals("other") ? other : first, key, value);
        }

        @Override
        public void delete(String family, byte[] key) {
          batch.delete(family.equals("other") ? other : first, key);
        }
      };
    }
  }

  /** Lets a process write for a while, kills it, and returns the last acknowledged number. */
  private static long writeAndKill(Path store, long seed, long first, boolean sync, int lines)
      throws IOException {
    long acknowledged = first - 1;
    try (ChildJvm child =
        ChildJvm.start(
            Writer.class,
            store.toString(),
            Long.toString(seed),
            Long.toString(first),
            Boolean.toString(sync))) {
      for (int i = 0; i < lines; i++) {
        String line = child.readLine();
        if (line == null) {
          throw new AssertionError("the writing process has ended by itself");
        }
        acknowledged = Long.parseLong(line);
      }
      child.kill();
      for (String line = child.readLine(); line != null; line = child.readLine()) {
        if (!line.isEmpty()) {
          acknowledged = Math.max(acknowledged, Long.parseLong(line)); // the last one may be cut
        }
      }
    }
    return acknowledged;
  }

  private static void rounds(Path store, long seed, int rounds, int mostLines) throws IOException {
    Random random = new Random(seed);
    try (Db db = open(store, seed)) {
      db.createColumnFamily("other");
    }
    ModelDb model = new ModelDb();
    model.createFamily("other");
    long applied = 0;
    for (int round = 0; round < rounds; round++) {
      int lines = 1 + random.nextInt(random.nextBoolean() ? 50 : mostLines);
      long acknowledged = writeAndKill(store, seed, applied + 1, round % 2 == 1, lines);
      try (Db db = open(store, seed + round)) {
        byte[] last = db.get(LAST);
        long found = last == null ? 0 : Long.parseLong(TestStores.text(last));
        assertTrue(found >= acknowledged, "lost " + acknowledged + ", found only " + found);
        assertTrue(found <= acknowledged + 1, "found " + found + ", never written");
        for (long number = applied + 1; number <= found; number++) {
          changes(seed, number, modelOf(model));
        }
        applied = found;
        model.check(db, "default");
        model.check(db.columnFamily("other").orElseThrow(), "other");
        if (random.nextInt(4) == 0) {
          db.flush();
        }
      }
    }
  }

  private static Target modelOf(ModelDb model) {
    return new Target() {
      @Override
      public void put(String family, byte[] key, byte[] value) {
        model.put(family, key, value);
      }

      @Override
      public void delete(String family, byte[] key) {
        model.delete(family, key);
      }
    };
  }

  @Test
  void whatWasAcknowledgedSurvivesAKill() {
    Seed.check(1, seed -> rounds(directory.resolve("store"), seed, 10, 2_500));
  }

  @Test
  @Tag("soak")
  void whatWasAcknowledgedSurvivesManyKills() {
    Seed.check(20, seed -> rounds(directory.resolve("store-" + seed), seed, 30, 50_000));
  }
}
