package io.lsmdb;

import static io.lsmdb.TestStores.key;
import static io.lsmdb.TestStores.value;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.internal.engine.DbImpl;
import io.lsmdb.internal.engine.runtime.Environment;
import io.lsmdb.testing.MemFileSystem;
import io.lsmdb.testing.SteppedExecutors;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the clocks alone give a store to do that nobody writes to. */
class IdleStoreTest {
  private static final long SECOND = 1_000;
  private static final long MINUTE = 60 * SECOND;

  private final MemFileSystem fs = new MemFileSystem();
  private final SteppedExecutors executors = new SteppedExecutors(1);
  private final AtomicLong clock = new AtomicLong(1_700_000_000_000L);
  private final AtomicInteger compactions = new AtomicInteger();
  private final AtomicInteger errors = new AtomicInteger();
  private Db db;

  private void open(ColumnFamilyOptions.Builder family, TimeSource timeSource) {
    DbOptions options =
        DbOptions.builder()
            .defaultFamilyOptions(family.build())
            .timeSource(timeSource)
            .listener(
                new EventListener() {
                  @Override
                  public void onCompaction(String name, int from, int to, long read, long written) {
                    compactions.incrementAndGet();
                  }

                  @Override
                  public void onBackgroundError(DbException error) {
                    errors.incrementAndGet();
                  }
                })
            .build();
    Environment real = TestStores.environment(fs);
    executors.during(
        () ->
            db =
                DbImpl.open(
                    TestStores.DIRECTORY,
                    options,
                    new Environment(fs, clock::get, real.nanoTime(), real.random(), executors)));
  }

  @AfterEach
  void close() {
    executors.during(db::close);
  }

  private static ColumnFamilyOptions.Builder living(Duration timeToLive) {
    return TestStores.tinyFamily().timeToLive(timeToLive);
  }

  private void putTable(int number) {
    executors.during(
        () -> {
          db.put(key(number), value(number, 1_000));
          db.flush();
        });
  }

  private int files() {
    return db.stats().families().get(0).levels().stream().mapToInt(l -> l.files()).sum();
  }

  /** Lets the alarm ring, and what it begins come to its end. */
  private void ring() {
    executors.ringAlarms();
    executors.runPending();
  }

  private long alarmMillis() {
    long nanos = executors.nextAlarm();
    return nanos < 0 ? -1 : TimeUnit.NANOSECONDS.toMillis(nanos);
  }

  @Test
  void expiredTablesGoWithoutAnyCallWhenTheirTimeComes() {
    open(living(Duration.ofSeconds(30)), null);
    putTable(1);
    clock.addAndGet(5 * SECOND);
    putTable(2);
    assertEquals(25 * SECOND, alarmMillis(), "the earlier of the two");
    clock.addAndGet(25 * SECOND);
    ring();
    assertEquals(1, files());
    assertEquals(5 * SECOND, alarmMillis());
    clock.addAndGet(5 * SECOND);
    ring();
    assertEquals(0, files());
    assertEquals(-1, alarmMillis(), "nothing is left to wait for");
  }

  @Test
  void tablesThatWereThereWhenTheStoreWasOpenedAreWatchedToo() {
    open(living(Duration.ofSeconds(30)), null);
    putTable(1);
    executors.during(db::close);
    open(TestStores.tinyFamily(), null);
    executors.runPending();
    assertEquals(30 * SECOND, alarmMillis());
    clock.addAndGet(30 * SECOND);
    ring();
    assertEquals(0, files());
  }

  @Test
  void aStoreWithoutSuchOptionsSetsNoAlarm() {
    open(TestStores.tinyFamily().compactionStyle(CompactionStyle.fifo().maxBytes(1 << 20)), null);
    putTable(1);
    putTable(2);
    assertEquals(-1, alarmMillis());
  }

  @Test
  void fifoDropsWhatHasBecomeTooOld() {
    Duration maxAge = Duration.ofMinutes(10);
    open(TestStores.tinyFamily().compactionStyle(CompactionStyle.fifo().maxAge(maxAge)), null);
    putTable(1);
    clock.addAndGet(5 * MINUTE);
    putTable(2);
    assertEquals(MINUTE, alarmMillis(), "no longer than a minute: clocks jump");
    clock.addAndGet(5 * MINUTE - 1);
    ring();
    assertEquals(2, files());
    assertEquals(SECOND, alarmMillis(), "no sooner than in a second");
    clock.addAndGet(1);
    ring();
    assertNull(db.get(key(1)));
    assertNotNull(db.get(key(2)));
  }

  @Test
  void oldTablesAreRewrittenOnceAPeriod() {
    open(TestStores.tinyFamily().periodicCompaction(Duration.ofHours(1)), null);
    putTable(1);
    executors.during(db::compact);
    int before = compactions.get();
    for (int period = 1; period <= 3; period++) {
      clock.addAndGet(Duration.ofHours(1).toMillis());
      for (int i = 0; i < 5; i++) {
        ring();
      }
      assertEquals(before + period, compactions.get());
    }
    assertArrayEquals(value(1, 1_000), db.get(key(1)));
  }

  @Test
  void anEventTimeIsLookedAtOnceAMinute() {
    AtomicLong eventTime = new AtomicLong(1_000);
    open(living(Duration.ofMillis(10)), eventTime::get);
    putTable(1);
    for (int i = 0; i < 3; i++) {
      assertEquals(MINUTE, alarmMillis());
      clock.addAndGet(MINUTE);
      ring();
      assertEquals(1, files(), "only the event time counts");
    }
    eventTime.set(1_010);
    ring();
    assertEquals(0, files());
  }

  @Test
  void clocksMayJump() {
    open(living(Duration.ofSeconds(30)), null);
    putTable(1);
    clock.addAndGet(-365 * 24 * 60 * MINUTE);
    ring();
    assertEquals(1, files());
    assertEquals(MINUTE, alarmMillis());
    clock.addAndGet(365 * 24 * 60 * MINUTE + 29 * SECOND);
    ring();
    assertEquals(1, files());
    clock.addAndGet(1_000_000 * MINUTE);
    ring();
    assertEquals(0, files());
    clock.set(0);
    putTable(2);
    assertEquals(1, files());
    assertNotNull(db.get(key(2)), "written after the drop, by whose clock it expires");
  }

  private void putBriefly(int from, int to) {
    executors.during(
        () -> {
          WriteOptions brief = WriteOptions.builder().timeToLive(Duration.ofSeconds(5)).build();
          for (int i = from; i < to; i++) {
            db.put(key(i), value(2, 1_000), brief);
          }
          db.flush();
        });
  }

  private long entries() {
    return db.stats().families().get(0).levels().stream().mapToLong(l -> l.entries()).sum();
  }

  @Test
  void expiredEntriesOfLevel0AboveLastingOnesGo() {
    open(ColumnFamilyOptions.builder(), null);
    executors.during(
        () -> {
          for (int i = 0; i < 100; i += 2) {
            db.put(key(i), value(1, 1_000));
          }
          db.compact();
        });
    putBriefly(0, 50);
    putTable(99);
    putBriefly(25, 75);
    assertEquals(50 + 50 + 1 + 50, entries());
    clock.addAndGet(5 * SECOND);
    ring();
    assertEquals(-1, alarmMillis());
    assertEquals(1 + 12, entries(), "half of the keys lasted until they were overwritten");
    assertNull(db.get(key(30)));
    assertNotNull(db.get(key(76)));
  }

  @Test
  void aTableThatMustStayIsNotLookedAtAgainAndAgain() {
    open(TestStores.tinyFamily().compactionStyle(CompactionStyle.fifo().maxBytes(1 << 20)), null);
    putTable(1);
    putBriefly(1, 2);
    assertEquals(5 * SECOND, alarmMillis());
    clock.addAndGet(5 * SECOND);
    ring();
    assertEquals(2, files(), "it hides an older value");
    assertNull(db.get(key(1)));
    assertEquals(-1, alarmMillis());
  }

  @Test
  void anAlarmThatIsLateFindsTheClosedStoreAsleep() {
    AtomicInteger looks = new AtomicInteger();
    open(
        living(Duration.ofSeconds(1)),
        () -> {
          looks.incrementAndGet();
          return clock.get();
        });
    putTable(1);
    clock.addAndGet(MINUTE);
    executors.during(db::close);
    int before = looks.get();
    assertEquals(-1, alarmMillis());
    ring();
    executors.ringClosed();
    executors.runPending();
    assertEquals(before, looks.get());
    assertEquals(-1, alarmMillis());
  }

  @Test
  void aTimeSourceThatThrowsStopsWritesAsInAnyBackgroundWork() {
    AtomicInteger broken = new AtomicInteger();
    open(
        living(Duration.ofSeconds(1)),
        () -> {
          if (broken.get() > 0) {
            throw new IllegalStateException("no time");
          }
          return clock.get();
        });
    putTable(1);
    broken.set(1);
    ring();
    broken.set(0);
    assertEquals(1, errors.get());
    assertThrows(BackgroundErrorException.class, () -> db.put(key(2), key(2)));
    assertNotNull(db.get(key(1)));
    assertEquals(-1, alarmMillis());
  }

  @Test
  void theSystemsAlarmRingsByItself() throws InterruptedException {
    open(TestStores.tinyFamily(), null); // closed afterwards like the others
    MemFileSystem other = new MemFileSystem();
    DbOptions options =
        DbOptions.builder().defaultFamilyOptions(living(Duration.ofMillis(50)).build()).build();
    try (Db store = TestStores.open(other, options)) {
      store.put(key(1), value(1, 100));
      store.put(key(2), value(2, 100));
      store.flush();
      while (store.stats().families().get(0).levels().stream().anyMatch(l -> l.files() > 0)) {
        Thread.sleep(10);
      }
      assertTrue(store.stats().families().get(0).levels().stream().allMatch(l -> l.bytes() == 0));
    }
  }
}
