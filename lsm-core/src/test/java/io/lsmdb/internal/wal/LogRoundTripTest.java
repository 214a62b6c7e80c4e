package io.lsmdb.internal.wal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.DbClosedException;
import io.lsmdb.internal.fs.NioFileSystem;
import io.lsmdb.internal.record.RecordFormat;
import io.lsmdb.testing.MemFileSystem;
import io.lsmdb.testing.Seed;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogRoundTripTest {

  @Test
  void everyRecordComesBackInOrderAfterACleanClose() {
    Seed.check(
        20,
        seed -> {
          LogHarness log = new LogHarness(new MemFileSystem(), seed);
          log.ordinary = seed % 4 == 0;
          log.open();
          log.appendSome(200);
          log.close();
          log.open();
          log.checkAll();
          assertTrue(log.report.cleanClose());
          assertNull(log.report.cut());
          assertEquals(200, log.report.tail().records());
          assertEquals(log.sequence, log.report.tail().lastSequence());
        });
  }

  @Test
  void aLogThatWasNotClosedIsCompleteWhenTheProcessDies() {
    Seed.check(
        20,
        seed -> {
          LogHarness log = new LogHarness(new MemFileSystem(), seed);
          log.ordinary = seed % 4 == 0;
          log.open();
          log.appendSome(200);
          log.replay();
          log.checkAll();
          assertFalse(log.report.cleanClose());
          assertNull(log.report.cut());
        });
  }

  @Test
  void aLogGrowsOverManyOpens() {
    Seed.check(
        10,
        seed -> {
          LogHarness log = new LogHarness(new MemFileSystem(), seed);
          for (int i = 0; i < 8; i++) {
            log.open();
            log.checkAll();
            log.appendSome(log.random.nextInt(40));
            log.retireAllBut(1 + log.random.nextInt(4));
            if (log.random.nextBoolean()) {
              log.close();
            }
          }
        });
  }

  @Test
  void aRecordFillsASegment() {
    LogHarness log = new LogHarness(new MemFileSystem(), 1);
    log.maxSize = 1024;
    log.open();
    int limit = 1024 - LogFormat.RESERVE;
    for (int i = 0; i < 3; i++) {
      log.append(180, false);
    }
    log.sync();
    long segment = log.append(1, 1, false);
    int rest = limit - log.used() - RecordFormat.MAX_HEADER_SIZE;
    log.skipSequences(1);
    assertEquals(segment, log.append(rest, 1, true));
    int shorter = RecordFormat.OPTIONAL_SIZE; // room is reckoned for a long payload too
    assertEquals(limit - shorter + RecordFormat.CONTROL_SIZE, log.used(), "a record and its mark");
    assertEquals(segment + 1, log.append(1, true));
    assertTrue(log.append(1, false) == segment + 1);
    log.replay();
    log.checkAll();
    log.close();
    log.open();
    log.checkAll();
  }

  @Test
  void aFullSegmentStillTakesMarkAndEnd() {
    LogHarness log = new LogHarness(new MemFileSystem(), 1);
    log.maxSize = 1024;
    log.open();
    for (int i = 0; i < 3; i++) {
      log.append(180, false);
    }
    log.append(1024 - LogFormat.RESERVE - RecordFormat.MAX_HEADER_SIZE - log.used(), false);
    log.sync();
    log.sync();
    LogSync sync = log.writer.beginSync();
    sync.force();
    log.writer.completeSync(sync);
    log.close();
    log.open();
    log.checkAll();
    assertTrue(log.report.cleanClose());
    assertEquals(1, log.report.segments().size());
  }

  @Test
  void aLargeRecordGetsASegmentOfItsOwnInNumericOrder() {
    LogHarness log = new LogHarness(new MemFileSystem(), 1);
    log.open();
    long first = log.append(10, false);
    long large = log.append(log.maxSize / 4 + 1, 0, false);
    long after = log.append(10, true);
    assertTrue(first < large && large < after);
    assertEquals(
        LogFormat.FIRST_RECORD
            + RecordFormat.recordSize(RecordFormat.HEADER_SIZE, log.maxSize / 4 + 1),
        log.fs.size(log.files.segment(large)));
    log.append(3 * log.maxSize, true);
    log.append(1, false);
    log.replay();
    log.checkAll();
    List<SegmentInfo> live = log.writer.liveSegments();
    assertEquals(log.report.segments().size(), live.size());
    assertEquals(log.appended.get(1).first(), live.get(1).firstSequence());
    assertEquals(log.appended.get(1).last(), live.get(1).lastSequence());
  }

  @Test
  void aRecordThatNeedsALargerSegmentThanTheOneReadyReplacesIt() {
    LogHarness log = new LogHarness(new MemFileSystem(), 1);
    log.maxSize = 16 * 1024;
    log.open();
    long number = log.append(4000, false);
    assertEquals(1, number);
    log.append(1, true);
    log.replay();
    log.checkAll();
  }

  @Test
  void segmentsStartSmallAndDouble() {
    LogHarness log = new LogHarness(new MemFileSystem(), 1);
    log.open();
    for (int i = 0; i < 300; i++) {
      log.append(50, false);
    }
    long[] sizes =
        log.files.segmentNumbers().stream()
            .mapToLong(n -> log.fs.size(log.files.segment(n)))
            .limit(5)
            .toArray();
    assertEquals(
        List.of(1024L, 2048L, 4096L, 4096L, 4096L),
        java.util.Arrays.stream(sizes).boxed().toList());
  }

  @Test
  void rollEndsASegmentSoThatItCanRetire() {
    LogHarness log = new LogHarness(new MemFileSystem(), 1);
    log.open();
    long first = log.append(10, true);
    log.writer.retire(log.writer.newestSegment() + 1, Long.MAX_VALUE);
    assertTrue(log.files.segmentNumbers().contains(first));
    log.writer.roll();
    long second = log.append(10, true);
    assertEquals(first + 1, second);
    log.writer.retire(log.writer.newestSegment(), Long.MAX_VALUE);
    assertFalse(log.files.segmentNumbers().contains(first));
    assertEquals(second, log.writer.newestSegment());
    log.needed = 1;
    log.replay();
    log.checkPrefix();
    assertEquals(log.appended.get(0).last(), log.report.precedingSequence());
  }

  @Test
  void isFullyForcedSaysWhatItSays() {
    LogHarness log = new LogHarness(new MemFileSystem(), 1);
    log.open();
    assertTrue(log.writer.isFullyForced());
    log.append(10, false);
    assertFalse(log.writer.isFullyForced());
    LogSync sync = log.writer.beginSync();
    sync.force();
    log.append(10, false);
    log.writer.completeSync(sync);
    assertFalse(log.writer.isFullyForced());
    log.sync();
    assertTrue(log.writer.isFullyForced());
    log.append(10, false);
    log.append(10, true);
    assertTrue(log.writer.isFullyForced());
  }

  @Test
  void callsOutsideTheContractAreRefused() {
    LogHarness log = new LogHarness(new MemFileSystem(), 1);
    log.open();
    byte[] bytes = new byte[8];
    assertThrows(IllegalArgumentException.class, () -> log.writer.append(bytes, 0, 0, 1, 1, false));
    assertThrows(
        IndexOutOfBoundsException.class, () -> log.writer.append(bytes, 4, 5, 1, 1, false));
    log.writer.append(bytes, 0, 8, 5, 6, false);
    assertThrows(IllegalArgumentException.class, () -> log.writer.append(bytes, 0, 8, 6, 6, false));
    assertThrows(IllegalArgumentException.class, () -> log.writer.append(bytes, 0, 8, 8, 7, false));
    LogSync notRun = log.writer.beginSync();
    assertThrows(IllegalStateException.class, () -> log.writer.completeSync(notRun));
    log.writer.close();
    log.writer.close();
    assertThrows(DbClosedException.class, () -> log.writer.append(bytes, 0, 8, 9, 9, false));
    assertThrows(DbClosedException.class, () -> log.writer.sync());
    log.pool.close();
    log.pool.close();
  }

  @Test
  void aCleanCloseLeavesNoUnusedSegments() {
    LogHarness log = new LogHarness(new MemFileSystem(), 1);
    log.open();
    log.append(700, false);
    assertEquals(2, log.files.segmentNumbers().size());
    log.close();
    assertEquals(List.of(1L), log.files.segmentNumbers());
  }

  @Test
  void theRealFileSystemServes(@TempDir Path directory) {
    LogFiles files = new LogFiles(new NioFileSystem(), directory, 7);
    LogSettings settings =
        new LogSettings(
            4096, 16384, false, new java.util.Random(1)::nextLong, Runnable::run, e -> {});
    byte[] payload = new byte[600];
    long sequence = 0;
    for (int round = 0; round < 3; round++) {
      LogReplay replay = new LogReplay(files, false);
      long[] count = new long[1];
      LogReport report = replay.run(files.segmentNumbers(), r -> count[0]++);
      assertEquals(sequence, count[0]);
      LogTail tail = replay.seal(report);
      SegmentPool pool = new SegmentPool(files, settings, report.highestNumber() + 1);
      LogWriter writer = new LogWriter(pool, tail, report.segments());
      for (int i = 0; i < 50; i++) {
        sequence++;
        int length = i == 20 ? payload.length * 10 : 1 + i * 10;
        writer.append(new byte[length], 0, length, sequence, sequence, i % 10 == 0);
      }
      if (round == 1) {
        writer.close();
        pool.close();
      }
    }
  }
}
