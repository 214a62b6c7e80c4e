package io.lsmdb.internal.wal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.StorageException;
import io.lsmdb.StorageException.Reason;
import io.lsmdb.internal.base.Bytes;
import io.lsmdb.testing.Fault;
import io.lsmdb.testing.FaultyFileSystem;
import io.lsmdb.testing.MemFileSystem;
import io.lsmdb.testing.Operation;
import io.lsmdb.testing.Seed;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LogPoolTest {

  @Test
  void r28_writesResumeWhenSpaceReturns() {
    MemFileSystem disk = new MemFileSystem();
    LogHarness log = new LogHarness(disk, 1);
    log.open();
    log.append(100, true);
    disk.setCapacity(disk.usedBytes() + 100);
    int refused = 0;
    for (int i = 0; i < 100 && refused < 5; i++) {
      try {
        log.append(i == 50 ? 3 * log.maxSize : 200, i % 2 == 0);
      } catch (StorageException e) {
        assertEquals(Reason.DISK_FULL, e.reason());
        assertFalse(log.writer.hasFailed());
        log.forgetLast();
        refused++;
      }
    }
    assertEquals(5, refused);
    assertFalse(log.backgroundFailures.isEmpty());
    LogHarness crashed = log.on(disk.crashImage(io.lsmdb.testing.CrashMode.DROP_ALL, 1));
    crashed.replay();
    crashed.checkPrefix();
    disk.setCapacity(1 << 30);
    log.append(200, true);
    log.append(3 * log.maxSize, true);
    log.append(200, true);
    log.close();
    log.open();
    log.checkAll();
  }

  @Test
  void aLargeRecordThatFindsTheDiskFullLeavesNothingBehind() {
    MemFileSystem disk = new MemFileSystem();
    LogHarness log = new LogHarness(disk, 1);
    log.open();
    log.append(700, true);
    List<String> before = disk.list(LogHarness.DIRECTORY);
    disk.setCapacity(disk.usedBytes() + 5000);
    for (int i = 0; i < 3; i++) {
      assertThrows(StorageException.class, () -> log.append(6000, true));
      log.forgetLast();
    }
    assertFalse(log.writer.hasFailed());
    assertEquals(Set.copyOf(before), Set.copyOf(disk.list(LogHarness.DIRECTORY)));
    log.append(100, true);
    log.replay();
    log.checkAll();
  }

  @Test
  void retiredSegmentsAreRecycledWithNewSalt() {
    FaultyFileSystem counting = new FaultyFileSystem(new MemFileSystem());
    LogHarness log = new LogHarness(counting, 1);
    log.firstSize = 4096;
    log.open();
    Set<Long> salts = new HashSet<>();
    for (int i = 0; i < 200; i++) {
      long segment = log.append(300, false);
      salts.add(Bytes.getLong(log.read(segment), 32));
      log.retireAllBut(1);
    }
    long created = counting.trace().stream().filter(op -> op.startsWith("create 0")).count();
    assertTrue(created <= 4, created + " files created");
    assertTrue(salts.size() > 10);
    log.replay();
    log.checkPrefix();
    log.close();
    log.open();
    log.checkPrefix();
  }

  @Test
  void aFileIsAtMostTwoStepsLongerThanItsRecordsAndCutWhenClosed() {
    LogHarness log = new LogHarness(new MemFileSystem(), 1);
    log.firstSize = 1 << 20;
    log.maxSize = 1 << 20;
    log.open();
    int step = MappedSegment.firstStep(log.firstSize);
    for (int i = 0; i < 3_000; i++) {
      long segment = log.append(1 + log.random.nextInt(700), i % 700 == 0);
      SegmentInfo newest = log.writer.liveSegments().get(log.writer.liveSegments().size() - 1);
      long size = log.fs.size(log.files.segment(segment));
      assertTrue(size >= newest.length(), "records behind the end of the file");
      assertTrue(size <= newest.length() + 2L * step + LogFormat.RESERVE, size + " bytes");
    }
    log.close();
    log.open();
    log.checkAll();
    for (SegmentInfo segment : log.report.segments()) {
      assertEquals(segment.length(), log.fs.size(log.files.segment(segment.number())));
    }
  }

  @Test
  void aLogThatIsForcedOftenIsExtendedByPages() {
    ForceRate rate = new ForceRate();
    assertTrue(rate.isOften(1_000), "unknown at first");
    assertFalse(rate.isOften(500_000), "no force came");
    for (int i = 0; i < 10; i++) {
      rate.forced();
    }
    assertTrue(rate.isOften(1_000_000));
    rate.segmentStarted();
    assertTrue(rate.isOften(200), "a new segment goes on as the one before");
    rate.forced();
    assertFalse(rate.isOften(1_000_000));
  }

  @Test
  void segmentsThatHoldANeededSequenceStay() {
    LogHarness log = new LogHarness(new MemFileSystem(), 1);
    log.open();
    while (log.writer.liveSegments().size() < 5) {
      log.append(200, false);
    }
    List<SegmentInfo> live = log.writer.liveSegments();
    log.writer.retire(log.writer.newestSegment(), live.get(2).lastSequence());
    assertEquals(3, log.writer.liveSegments().get(0).number());
    assertFalse(log.files.segmentNumbers().contains(2L));
    assertTrue(log.files.segmentNumbers().contains(3L));
    while (log.appended.get(log.needed).last() < live.get(2).firstSequence()) {
      log.needed++;
    }
    log.replay();
    log.checkAll();
  }

  @Test
  void whatIsAppendedBesideARetirementIsKept() {
    LogHarness log = new LogHarness(new MemFileSystem(), 1);
    log.open();
    log.append(100, false);
    long newest = log.writer.newestSegment();
    log.append(100, false);
    log.writer.roll();
    log.append(100, false);
    log.writer.retire(newest, Long.MAX_VALUE);
    log.replay();
    log.checkAll();
    assertEquals(3, log.recovered.size());
  }

  @Test
  void segmentsOfAnEarlierProcessRetireToo() {
    LogHarness log = new LogHarness(new MemFileSystem(), 1);
    log.open();
    log.append(100, true);
    log.append(600, true);
    log.append(600, true);
    log.close();
    int size = log.files.segmentNumbers().size();
    assertTrue(size > 1);
    log.open();
    assertEquals(size, log.writer.liveSegments().size());
    log.append(1, false);
    log.retireAllBut(1);
    assertEquals(1, log.writer.liveSegments().size());
    log.replay();
    log.checkPrefix();
    assertEquals(1, log.recovered.size());
  }

  @Test
  void r18_r19_aFailedForceSticksAndIsNeverRepeated() {
    for (Operation operation : List.of(Operation.WRITE_DURABLY, Operation.FORCE_MAPPED)) {
      FaultyFileSystem faulty = new FaultyFileSystem(new MemFileSystem());
      LogHarness log = new LogHarness(faulty, 1);
      log.open();
      log.append(100, true);
      log.append(100, false);
      faulty.failAt(1, Fault.IO_ERROR_ONCE, Set.of(operation), name -> true);
      StorageException first =
          assertThrows(
              StorageException.class,
              () -> {
                if (operation == Operation.WRITE_DURABLY) {
                  log.append(100, true);
                } else {
                  log.sync();
                }
              });
      assertTrue(log.writer.hasFailed());
      int operations = faulty.operations();
      assertSame(first, assertThrows(StorageException.class, () -> log.append(1, false)));
      assertSame(first, assertThrows(StorageException.class, () -> log.append(1, true)));
      assertSame(first, assertThrows(StorageException.class, log::sync));
      assertEquals(operations, faulty.operations());
      log.writer.close();
      assertFalse(
          faulty.trace().subList(operations, faulty.operations()).stream()
              .anyMatch(op -> op.startsWith("force") || op.startsWith("write")));
    }
  }

  @Test
  void r17_everyFaultOfAWriteLeavesAPrefixAndNoLaterWrite() {
    Seed.check(
        3,
        seed -> {
          for (boolean ordinary : new boolean[] {false, true}) {
            int nth = 0;
            boolean injected = true;
            while (injected) {
              injected = oneFault(seed, ordinary, nth += 1 + (int) (seed % 5));
            }
          }
        });
  }

  private static boolean oneFault(long seed, boolean ordinary, int nth) {
    Fault[] faults = {Fault.IO_ERROR_ONCE, Fault.DISK_FULL_ONCE, Fault.SHORT_WRITE};
    Fault fault = faults[nth % faults.length];
    MemFileSystem disk = new MemFileSystem();
    FaultyFileSystem faulty = new FaultyFileSystem(disk);
    LogHarness log = new LogHarness(faulty, seed);
    log.ordinary = ordinary;
    faulty.failAt(nth, fault);
    try {
      log.open();
    } catch (StorageException e) {
      return true;
    }
    int after = 0;
    for (int i = 0; i < 60; i++) {
      boolean failed = log.writer.hasFailed();
      int kind = log.random.nextInt(12);
      try {
        log.append(kind == 0 ? 1500 : 1 + log.random.nextInt(300), kind % 3 == 0);
        assertFalse(failed, "a write succeeded after a failure");
        log.retireAllBut(3);
      } catch (StorageException e) {
        after++;
        if (failed || !log.writer.hasFailed()) {
          log.forgetLast(); // nothing was written
        }
      }
    }
    for (io.lsmdb.testing.CrashMode mode : io.lsmdb.testing.CrashMode.values()) {
      LogHarness crashed = log.on(disk.crashImage(mode, seed));
      crashed.open();
      crashed.checkPrefix();
    }
    try {
      log.writer.close();
      log.pool.close();
    } catch (StorageException e) {
      after++;
    }
    LogHarness reopened = log.on(disk);
    reopened.open();
    reopened.checkPrefix();
    assertTrue(faulty.injectedFaults() > 0 || after == 0);
    return faulty.injectedFaults() > 0;
  }

  @Test
  void writersGoOnWhileAnotherThreadForces() throws Exception {
    LogHarness log = new LogHarness(new MemFileSystem(), 1);
    log.open();
    for (int i = 0; i < 200; i++) {
      log.append(1 + log.random.nextInt(200), i % 50 == 0);
      LogSync sync = log.writer.beginSync();
      int before = log.appended.size();
      Thread thread = new Thread(sync::force);
      thread.start();
      for (int j = 0; j < 5; j++) {
        log.append(1 + log.random.nextInt(200), log.random.nextInt(20) == 0);
      }
      log.retireAllBut(3);
      thread.join();
      log.writer.completeSync(sync);
      log.durable = Math.max(log.durable, before);
      if (i % 20 == 0) {
        MemFileSystem disk = (MemFileSystem) log.fs;
        LogHarness crashed = log.on(disk.crashImage(io.lsmdb.testing.CrashMode.GARBAGE, i));
        crashed.open();
        crashed.checkPrefix();
      }
    }
    log.replay();
    log.checkPrefix();
  }

  @Test
  void aFailedForceInAnotherThreadStopsTheWriter() {
    FaultyFileSystem faulty = new FaultyFileSystem(new MemFileSystem());
    LogHarness log = new LogHarness(faulty, 1);
    log.open();
    log.append(100, false);
    LogSync sync = log.writer.beginSync();
    faulty.failAt(1, Fault.IO_ERROR_ONCE, Set.of(Operation.FORCE_MAPPED), name -> true);
    StorageException first = assertThrows(StorageException.class, sync::force);
    assertSame(first, assertThrows(StorageException.class, () -> log.append(1, false)));
    assertSame(first, assertThrows(StorageException.class, () -> log.writer.completeSync(sync)));
  }

  @Test
  void leftOverTemporaryFilesAreRemoved() {
    LogHarness log = new LogHarness(new MemFileSystem(), 1);
    log.open();
    log.append(100, true);
    log.fs.create(log.files.spare(1)).close();
    log.fs.create(log.files.spare(99)).close();
    LogHarness again = log.on(log.fs);
    again.open();
    assertTrue(again.files.spareNumbers().isEmpty());
    again.checkAll();
  }
}
