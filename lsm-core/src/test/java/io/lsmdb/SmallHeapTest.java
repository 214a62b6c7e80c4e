package io.lsmdb;

import static io.lsmdb.TestStores.key;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lsmdb.operators.LongOperator;
import java.io.IOException;
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
          db.put(family, key(i), TestStores.value(f + i, 2000));
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
            assertArrayEquals(TestStores.value(f + i, 2000), db.get(family, key(i)));
          }
        }
      }
      System.out.println("done");
    }
  }
}
