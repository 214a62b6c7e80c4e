package io.lsmdb;

import static io.lsmdb.TestStores.key;
import static io.lsmdb.TestStores.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.testing.FaultyFileSystem;
import io.lsmdb.testing.MemFileSystem;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/** Handles that are forgotten instead of closed. */
class LeakTest {
  /** Runs something, and returns what was logged until a condition holds. */
  private static String logOf(Runnable action, BooleanSupplier until) throws InterruptedException {
    PrintStream original = System.err;
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
    try {
      action.run();
      while (!until.getAsBoolean() || !log.toString(StandardCharsets.UTF_8).contains("LeakTest.")) {
        System.gc();
        Thread.sleep(5);
      }
    } finally {
      System.setErr(original);
    }
    return log.toString(StandardCharsets.UTF_8);
  }

  /** How many handles were reported that this class opened: others may have left some behind. */
  private static long ownReports(String log) {
    return Arrays.stream(log.split("never closed"))
        .skip(1)
        .filter(stack -> stack.contains("LeakTest."))
        .count();
  }

  private static void forgetSnapshot(Db db) {
    assertEquals(0, db.snapshot().sequence());
  }

  private static void forgetCursor(Db db) {
    DbIterator cursor = db.iterate();
    cursor.seekToFirst();
    assertTrue(cursor.isValid());
  }

  @Test
  void aForgottenSnapshotIsReportedAndReleased() throws InterruptedException {
    try (Db db = TestStores.open(new MemFileSystem())) {
      String log = logOf(() -> forgetSnapshot(db), () -> db.stats().liveSnapshots() == 0);
      assertTrue(log.contains("this snapshot was never closed"), log);
      assertTrue(log.contains("LeakTest.forgetSnapshot"), log);
    }
  }

  @Test
  void aForgottenIteratorIsReportedAndReleased() throws InterruptedException {
    MemFileSystem fs = new MemFileSystem();
    try (Db db = TestStores.open(fs)) {
      for (int i = 0; i < 1_000; i++) {
        db.put(key(i), value(i, 100));
      }
      db.compact();
      String log =
          logOf(
              () -> {
                forgetCursor(db);
                for (int i = 0; i < 1_000; i++) {
                  db.delete(key(i));
                }
                db.compact();
              },
              () -> {
                db.flush(); // background work deletes what nothing holds any more
                return tables(fs) == 0;
              });
      assertTrue(log.contains("this iterator was never closed"), log);
      assertTrue(log.contains("LeakTest.forgetCursor"), log);
    }
  }

  private static long tables(MemFileSystem fs) {
    return fs.list(TestStores.DIRECTORY).stream().filter(name -> name.endsWith(".sst")).count();
  }

  @Test
  void aClosedHandleIsNotReported() throws InterruptedException {
    try (Db db = TestStores.open(new MemFileSystem())) {
      db.put(key(1), key(1));
      String log =
          logOf(
              () -> {
                for (int i = 0; i < 100; i++) {
                  db.iterate().close();
                  try (Snapshot snapshot = db.snapshot();
                      DbIterator cursor = snapshot.iterate()) {
                    cursor.refresh();
                  }
                }
                forgetCursor(db);
              },
              () -> true);
      assertEquals(1, ownReports(log), log);
    }
  }

  @Test
  void aStoreClosedBeforeItsIteratorKeepsNoFileOpen() {
    FaultyFileSystem fs = new FaultyFileSystem(new MemFileSystem());
    Db db = TestStores.open(fs);
    for (int i = 0; i < 1_000; i++) {
      db.put(key(i), value(i, 100));
    }
    db.flush();
    DbIterator cursor = db.iterate();
    cursor.seekToFirst();
    db.close();
    assertTrue(fs.openFiles().isEmpty(), "still open: " + fs.openFiles());
    cursor.close();
  }
}
