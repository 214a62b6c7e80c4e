package io.lsmdb.internal.wal;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.testing.CrashMode;
import io.lsmdb.testing.FaultyFileSystem;
import io.lsmdb.testing.MemFileSystem;
import io.lsmdb.testing.Seed;
import java.util.List;
import org.junit.jupiter.api.Test;

class LogCrashTest {
  private interface Workload {
    void run(LogHarness log);
  }

  /** Runs a workload, and looks at every crash image before every operation. */
  private static void atEveryOperation(long seed, boolean ordinary, Workload workload) {
    MemFileSystem disk = new MemFileSystem();
    FaultyFileSystem counting = new FaultyFileSystem(disk);
    LogHarness log = new LogHarness(counting, seed);
    log.ordinary = ordinary;
    int[] looked = new int[1];
    counting.observe(
        (index, operation, path) -> {
          for (CrashMode mode : CrashMode.values()) {
            try {
              afterCrash(log, disk.crashImage(mode, seed + index), seed + index);
              looked[0]++;
            } catch (RuntimeException | AssertionError e) {
              throw new AssertionError(
                  "crash " + mode + " before operation " + index + " " + operation + " " + path, e);
            }
          }
        });
    workload.run(log);
    assertTrue(looked[0] > 0);
  }

  /** r9: crash, recover, crash again before anything was flushed: the answer stays the same. */
  private static void afterCrash(LogHarness before, MemFileSystem image, long seed) {
    MemFileSystem unread = image.crashImage(CrashMode.KEEP_ALL, 0);
    LogHarness once = before.on(image);
    once.open();
    once.checkPrefix();
    List<LogHarness.Item> found = once.recovered;

    LogHarness twice = once.on(image.crashImage(CrashMode.RANDOM_SUBSET, seed));
    twice.open();
    LogHarness.assertSameItems(found, twice.recovered);

    goOnAndCrash(twice, found, seed);
    LogHarness direct = before.on(unread);
    direct.open();
    goOnAndCrash(direct, found, seed);
  }

  /** Goes on with what was found, and crashes once more. */
  private static void goOnAndCrash(LogHarness log, List<LogHarness.Item> found, long seed) {
    log.appended.clear();
    log.appended.addAll(found);
    log.durable = found.size();
    log.needed = 0;
    log.append(30, false);
    log.append(300, true);
    log.append(20, false);
    LogHarness last = log.on(((MemFileSystem) log.fs).crashImage(CrashMode.RANDOM_SUBSET, seed));
    last.open();
    last.checkPrefix();
  }

  @Test
  void r5_r6_everyCrashLeavesAPrefixNoShorterThanTheLastSync() {
    Seed.check(
        2,
        seed ->
            atEveryOperation(
                seed,
                false,
                log -> {
                  log.open();
                  log.appendSome(40);
                  log.close();
                }));
  }

  @Test
  void everyCrashOfAMostlyBufferedLogLeavesAPrefix() {
    Seed.check(
        2,
        seed ->
            atEveryOperation(
                seed,
                false,
                log -> {
                  log.open();
                  for (int i = 0; i < 40; i++) {
                    log.append(1 + log.random.nextInt(300), false);
                  }
                  log.sync();
                  log.append(1, false);
                  log.close();
                }));
  }

  @Test
  void everyCrashWithOrdinaryWritesLeavesAPrefix() {
    Seed.check(
        2,
        seed ->
            atEveryOperation(
                seed,
                true,
                log -> {
                  log.open();
                  log.appendSome(40);
                  log.close();
                }));
  }

  @Test
  void r13_everyCrashWithRecycledSegmentsLeavesAPrefix() {
    Seed.check(
        2,
        seed ->
            atEveryOperation(
                seed,
                false,
                log -> {
                  log.deferred = true;
                  log.open();
                  for (int i = 0; i < 60; i++) {
                    log.append(1 + log.random.nextInt(400), log.random.nextInt(20) == 0);
                    log.retireAllBut(1 + log.random.nextInt(3));
                    if (log.random.nextInt(4) == 0) {
                      log.runBackground();
                    }
                  }
                }));
  }

  @Test
  void r9_everyCrashDuringRecoveryGivesTheSameAnswer() {
    Seed.check(
        20,
        seed -> {
          MemFileSystem first = new MemFileSystem();
          LogHarness log = new LogHarness(first, seed);
          log.open();
          log.appendSome(40);
          CrashMode[] modes = {CrashMode.RANDOM_SUBSET, CrashMode.GARBAGE, CrashMode.TORN_LAST};
          MemFileSystem torn = first.crashImage(modes[(int) (seed % 3)], seed);
          LogHarness reference = log.on(torn.crashImage(CrashMode.KEEP_ALL, 0));
          reference.open();
          FaultyFileSystem counting = new FaultyFileSystem(torn);
          counting.observe(
              (index, operation, path) -> {
                LogHarness again = log.on(torn.crashImage(CrashMode.KEEP_ALL, index));
                again.open();
                LogHarness.assertSameItems(reference.recovered, again.recovered);
                for (CrashMode mode : CrashMode.values()) {
                  LogHarness lost = log.on(torn.crashImage(mode, seed + index));
                  lost.open();
                  lost.checkPrefix();
                }
              });
          log.on(counting).open();
        });
  }

  /** What a process that died has left unforced must not look like damage after a clean close. */
  @Test
  void noLossOfPowerDamagesALogThatWasOpenedAfterADeathAndClosed() {
    Seed.check(
        20,
        seed -> {
          LogHarness died = new LogHarness(new MemFileSystem(), seed);
          died.open();
          died.appendSome(40);
          MemFileSystem disk = ((MemFileSystem) died.fs).crashImage(CrashMode.KEEP_ALL, seed);
          LogHarness log = died.on(disk);
          log.open();
          log.append(30, true);
          log.close();
          for (CrashMode mode : CrashMode.values()) {
            LogHarness last = log.on(disk.crashImage(mode, seed));
            last.open();
            last.checkAll();
          }
        });
  }
}
