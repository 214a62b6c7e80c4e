package io.lsmdb;

import static io.lsmdb.TestStores.key;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.operators.LongOperator;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Stores in processes with little memory: what one could write, it can open again. */
class SmallHeapTest {
  private static final String HEAP = "40m";
  private static final int MERGES = 1_000_000;
  private static final int FAMILIES = 12;
  private static final int PUTS = 3_000;

  @TempDir Path directory;

  private static Db open(Path directory) {
    ColumnFamilyOptions family =
        ColumnFamilyOptions.builder().mergeOperator(LongOperator.SUM).build();
    return Db.open(
        directory,
        DbOptions.builder().defaultFamilyOptions(family).blockCacheSize(1 << 20).build());
  }

  /** Runs a program to its end in a process of its own, which prints "done". */
  private void run(String heap, Class<?> program) throws IOException {
    try (ChildJvm child = ChildJvm.startWithHeap(heap, program, directory.toString())) {
      assertEquals("done", child.readLine());
    }
  }

  @Test
  void countersAreReplayedInTheMemoryThatTheyWereWrittenIn() throws IOException {
    run(HEAP, CountAndDie.class);
    run(HEAP, CheckCount.class);
  }

  /** Takes memory for one counter alone, and leaves a log of 40 MB. */
  static final class CountAndDie {
    private CountAndDie() {}

    /** Runs in a process of its own. */
    public static void main(String[] args) {
      Db db = open(Path.of(args[0]));
      for (int i = 0; i < MERGES; i++) {
        db.merge(key(0), LongOperator.encode(1));
      }
      System.out.println("done");
      Runtime.getRuntime().halt(0);
    }
  }

  /** Opens what {@link CountAndDie} has left. */
  static final class CheckCount {
    private CheckCount() {}

    /** Runs in a process of its own. */
    public static void main(String[] args) {
      try (Db db = open(Path.of(args[0]))) {
        assertEquals(MERGES, LongOperator.decode(db.get(key(0))));
      }
      System.out.println("done");
    }
  }

  @Test
  void memtablesOfManyFamiliesTogetherKeepToAShareOfTheHeap() throws IOException {
    run("256m", FillFamiliesAndDie.class);
    run(HEAP, CheckFamilies.class);
  }

  /** Leaves families whose memtables, none of them full, take some 80 MB together. */
  static final class FillFamiliesAndDie {
    private FillFamiliesAndDie() {}

    /** Runs in a process of its own. */
    public static void main(String[] args) {
      Db db = open(Path.of(args[0]));
      for (int f = 0; f < FAMILIES; f++) {
        ColumnFamily family = db.createColumnFamily("family" + f);
        for (int i = 0; i < PUTS; i++) {
          family.put(key(i), TestStores.value(f + i, 2000));
        }
      }
      System.out.println("done");
      Runtime.getRuntime().halt(0);
    }
  }

  /** Opens what {@link FillFamiliesAndDie} has left. */
  static final class CheckFamilies {
    private CheckFamilies() {}

    /** Runs in a process of its own. */
    public static void main(String[] args) {
      try (Db db = open(Path.of(args[0]))) {
        for (int f = 0; f < FAMILIES; f++) {
          ColumnFamily family = db.columnFamily("family" + f).orElseThrow();
          for (int i = 0; i < PUTS; i++) {
            assertArrayEquals(TestStores.value(f + i, 2000), family.get(key(i)));
          }
        }
      }
      System.out.println("done");
    }
  }

  @Test
  void largeValuesAreWrittenOrRefusedAlone() throws IOException {
    run("128m", WriteLargeValues.class);
    run("128m", CheckLargeValues.class);
  }

  private static final int[] LARGE_MEBIBYTES = {20, 32, 24, 80, 16, 60, 20, 8};

  private static byte[] largeValue(int mebibytes) {
    byte[] value = new byte[mebibytes << 20];
    for (int i = 0; i < value.length; i += 1000) {
      value[i] = (byte) (i / 1000 * 31);
    }
    return value;
  }

  /** Writes values of which some are too large for the heap, and small ones between them. */
  static final class WriteLargeValues {
    private WriteLargeValues() {}

    /** Runs in a process of its own. */
    public static void main(String[] args) throws InterruptedException {
      int written = 0;
      try (Db db = open(Path.of(args[0]))) {
        for (int i = 0; i < LARGE_MEBIBYTES.length; i++) {
          if (isPut(db, key(i), LARGE_MEBIBYTES[i])) {
            db.put(TestStores.bytes("written" + i), key(i));
            written++;
          }
          for (int attempt = 0; !isPut(db, TestStores.bytes("small" + i), 0); attempt++) {
            assertTrue(attempt < 200, "small values are refused as well");
            Thread.sleep(50); // until the flush has made room
          }
        }
      }
      assertTrue(written >= 3, "written " + written);
      System.out.println("done");
    }

    private static boolean isPut(Db db, byte[] key, int mebibytes) {
      try {
        db.put(key, largeValue(mebibytes));
        return true;
      } catch (InsufficientMemoryException | OutOfMemoryError e) {
        return false;
      }
    }
  }

  /** Opens what {@link WriteLargeValues} has left. */
  static final class CheckLargeValues {
    private CheckLargeValues() {}

    /** Runs in a process of its own. */
    public static void main(String[] args) {
      try (Db db = open(Path.of(args[0]))) {
        db.put(key(1000), key(1000));
        db.flush();
        for (int i = 0; i < LARGE_MEBIBYTES.length; i++) {
          int number = i;
          assertArrayEquals(new byte[0], db.get(TestStores.bytes("small" + i)));
          if (db.get(TestStores.bytes("written" + i)) != null) {
            boolean found = db.get(key(i), value -> isLargeValue(value, LARGE_MEBIBYTES[number]));
            assertTrue(found);
          }
        }
      }
      System.out.println("done");
    }

    private static boolean isLargeValue(ByteBuffer value, int mebibytes) {
      boolean equal = value.remaining() == mebibytes << 20;
      for (int i = 0; equal && i < value.remaining(); i += 1000) {
        equal = value.get(value.position() + i) == (byte) (i / 1000 * 31);
      }
      return equal;
    }
  }
}
