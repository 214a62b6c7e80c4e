package io.lsmdb;

import static io.lsmdb.TestStores.key;
import static io.lsmdb.TestStores.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.internal.engine.DbImpl;
import io.lsmdb.internal.engine.runtime.Environment;
import io.lsmdb.testing.MemFileSystem;
import io.lsmdb.testing.SteppedExecutors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The memory that flushed memtables have left: counted, used again, let go of when idle. */
class IdleMemoryTest {
  private final SteppedExecutors executors = new SteppedExecutors(1);
  private Db db;

  @BeforeEach
  void open() {
    Environment real = TestStores.environment(new MemFileSystem());
    executors.during(
        () ->
            db =
                DbImpl.open(
                    TestStores.DIRECTORY,
                    DbOptions.builder().build(),
                    new Environment(
                        real.fileSystem(),
                        real.clockMillis(),
                        real.nanoTime(),
                        real.random(),
                        executors)));
  }

  @AfterEach
  void close() {
    executors.during(db::close);
  }

  private void fill(int megabytes) {
    executors.during(
        () -> {
          for (int i = 0; i < megabytes * 10; i++) {
            db.put(key(i), value(i, 100_000));
          }
        });
  }

  private void flush() {
    executors.during(db::flush);
    executors.runPending();
  }

  private long idle() {
    return db.stats().idleMemtableBytes();
  }

  @Test
  void whatNoMemtableTakesIsLetGoOf() {
    fill(8);
    assertEquals(0, idle());
    flush();
    assertTrue(idle() >= 8_000_000, "kept for the next memtable");
    executors.ringAlarms();
    assertTrue(idle() >= 8_000_000, "it may have been idle for a moment only");
    executors.ringAlarms();
    assertEquals(0, idle());
    assertEquals(-1, executors.nextAlarm(), "nothing is left to wait for");
  }

  @Test
  void whatIsTakenAndComesBackStays() {
    fill(8);
    flush();
    executors.ringAlarms();
    fill(4);
    flush();
    executors.ringAlarms();
    assertTrue(idle() >= 4_000_000 && idle() < 6_000_000, idle() + " bytes");
    fill(4);
    flush();
    executors.ringAlarms();
    assertTrue(idle() >= 4_000_000 && idle() < 6_000_000, idle() + " bytes");
  }

  @Test
  void whatComesBackAfterItWasLetGoOfIsLetGoOfAgain() {
    for (int round = 0; round < 3; round++) {
      fill(2);
      flush();
      assertTrue(idle() > 0);
      executors.ringAlarms();
      executors.ringAlarms();
      assertEquals(0, idle());
    }
  }
}
