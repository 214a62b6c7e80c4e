package io.lsmdb.internal.wal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.CorruptionException;
import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.base.Crc32c;
import io.lsmdb.internal.record.RecordFormat;
import io.lsmdb.internal.record.RecordHeader;
import io.lsmdb.testing.CrashMode;
import io.lsmdb.testing.MemFileSystem;
import io.lsmdb.testing.Seed;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LogDamageTest {
  private static MemFileSystem disk(LogHarness log) {
    return (MemFileSystem) log.fs;
  }

  /** A log of several segments with a record in a segment of its own. */
  private static LogHarness smallLog(long seed, boolean sync) {
    LogHarness log = new LogHarness(new MemFileSystem(), seed);
    log.maxSize = 2048;
    log.open();
    log.append(100, false);
    log.append(7, sync);
    for (int i = 0; i < 6; i++) {
      log.append(1 + log.random.nextInt(300), sync && i % 2 == 0);
    }
    log.append(600, sync);
    log.append(30, sync);
    log.append(45, false);
    return log;
  }

  /** What a damaged copy of a log gives: a corruption, or the records found. */
  private static LogHarness damaged(LogHarness log, long segment, byte[] content) {
    LogHarness copy = log.on(disk(log).crashImage(CrashMode.KEEP_ALL, 0));
    copy.replace(segment, content);
    return copy;
  }

  private static boolean isRefused(LogHarness copy) {
    try {
      copy.replay();
      return false;
    } catch (CorruptionException e) {
      assertNotNull(e.file());
      return true;
    }
  }

  @Test
  void r11_everyFlipInAClosedLogIsCorruption() {
    LogHarness log = smallLog(3, true);
    log.close();
    List<Long> segments = log.files.segmentNumbers();
    assertTrue(segments.size() >= 3);
    long newest = segments.get(segments.size() - 1);
    log.replay();
    long end = log.report.tail().length() - RecordFormat.CONTROL_SIZE;
    for (long segment : segments) {
      byte[] bytes = log.read(segment);
      for (int at = 0; at < bytes.length; at++) {
        byte[] changed = bytes.clone();
        changed[at] ^= (byte) (1 << (at % 8));
        LogHarness copy = damaged(log, segment, changed);
        boolean refused = isRefused(copy);
        if (segment == newest && at >= end && at < end + RecordFormat.CONTROL_SIZE) {
          // The end record itself: nothing but the statement that the log was closed is lost.
          assertFalse(refused && copy.recovered.isEmpty());
          if (!refused) {
            copy.checkAll();
            assertFalse(copy.report.cleanClose());
          }
        } else {
          assertTrue(refused, "flip at " + at + " of segment " + segment);
        }
      }
    }
  }

  @Test
  void r11_everyFlipInAnOpenLogIsCorruptionOrCutsWhatWasNotForced() {
    for (boolean sync : new boolean[] {true, false}) {
      LogHarness log = smallLog(5, sync);
      int cuts = 0;
      int refusals = 0;
      for (long segment : log.files.segmentNumbers()) {
        byte[] bytes = log.read(segment);
        for (int at = 0; at < bytes.length; at++) {
          byte[] changed = bytes.clone();
          changed[at] ^= (byte) (1 << (at % 8));
          LogHarness copy = damaged(log, segment, changed);
          if (isRefused(copy)) {
            refusals++;
          } else {
            copy.checkPrefix();
            cuts += copy.report.cut() == null ? 0 : 1;
          }
        }
      }
      assertTrue(cuts > 0);
      assertTrue(refusals > 0);
    }
  }

  @Test
  void everyTruncationOfAClosedLogIsCorruptionUnlessItTakesTheEvidenceAlong() {
    for (boolean ordinary : new boolean[] {false, true}) {
      LogHarness log = new LogHarness(new MemFileSystem(), 8);
      log.ordinary = ordinary;
      log.open();
      for (int i = 0; i < 12; i++) {
        log.append(1 + log.random.nextInt(300), i % 3 == 0);
      }
      log.close();
      List<Long> segments = log.files.segmentNumbers();
      long newest = segments.get(segments.size() - 1);
      for (long segment : segments) {
        byte[] bytes = log.read(segment);
        for (int length = 0; length < bytes.length; length++) {
          LogHarness copy = damaged(log, segment, Arrays.copyOf(bytes, length));
          boolean refused = isRefused(copy);
          if (!refused) {
            assertEquals(newest, segment, "cut to " + length);
            assertFalse(copy.report.cleanClose());
            copy.durable = 0;
            copy.checkPrefix();
          }
        }
      }
    }
  }

  @Test
  void r12_nothingBehindACutIsReplayed() {
    LogHarness log = smallLog(7, false);
    List<Long> segments = log.files.segmentNumbers();
    byte[] bytes = log.read(segments.get(0));
    bytes[LogFormat.FIRST_RECORD + RecordFormat.HEADER_SIZE] ^= 1;
    LogHarness copy = damaged(log, segments.get(0), bytes);
    copy.open();
    assertTrue(copy.recovered.isEmpty());
    assertEquals(segments.get(0), copy.report.cut().segment());
    assertEquals(LogFormat.FIRST_RECORD, copy.report.cut().offset());
    assertTrue(copy.report.cut().bytes() > 0);
    assertTrue(copy.report.discarded().containsAll(segments.subList(1, 3)));
    assertEquals(0, copy.report.tail().lastSequence());
  }

  @Test
  void r13_staleRecordsInEveryPositionNeverReplay() {
    LogHarness old = new LogHarness(new MemFileSystem(), 1);
    old.maxSize = 1024;
    old.open();
    for (int i = 0; i < 5; i++) {
      old.append(100, i % 2 == 0);
    }
    byte[] stale = old.read(1);
    LogHarness log = new LogHarness(new MemFileSystem(), 2);
    log.maxSize = 1024;
    log.open();
    log.append(50, true);
    log.append(60, false);
    byte[] bytes = log.read(1);
    int used = (int) log.writer.liveSegments().get(0).length();
    for (int at = used; at <= bytes.length - 4; at += 4) {
      byte[] mixed = bytes.clone();
      System.arraycopy(stale, at, mixed, at, bytes.length - at);
      LogHarness copy = damaged(log, 1, mixed);
      copy.replay();
      copy.checkAll();
      for (int from = LogFormat.FIRST_RECORD; from + 200 < stale.length; from += 64) {
        mixed = bytes.clone();
        System.arraycopy(stale, from, mixed, at, Math.min(200, mixed.length - at));
        copy = damaged(log, 1, mixed);
        copy.replay();
        copy.checkAll();
      }
    }
  }

  @Test
  void r14_aChangedTypeNeitherHangsNorPasses() {
    LogHarness log = smallLog(9, true);
    log.close();
    byte[] bytes = log.read(1);
    for (int type = 0; type < 256; type++) {
      byte[] changed = bytes.clone();
      int at = LogFormat.FIRST_RECORD + 8;
      changed[at] = (byte) type;
      assertEquals(changed[at] != bytes[at], isRefused(damaged(log, 1, changed)));
    }
  }

  @Test
  void r15_garbageBehindTheLastForcedRecordIsCut() {
    Seed.check(
        50,
        seed -> {
          LogHarness log = new LogHarness(new MemFileSystem(), seed);
          log.open();
          log.append(100, false);
          log.append(100, true);
          int used = (int) log.writer.liveSegments().get(0).length();
          byte[] bytes = log.read(1);
          byte[] tail = new byte[bytes.length - used];
          new Random(seed).nextBytes(tail);
          tail[tail.length - 1] |= 1; // what is cut ends with its last byte that is not zero
          System.arraycopy(tail, 0, bytes, used, tail.length);
          LogHarness copy = damaged(log, 1, bytes);
          copy.open();
          copy.checkAll();
          assertEquals(used, copy.report.cut().offset());
          assertEquals(bytes.length - used, copy.report.cut().bytes());
        });
  }

  @Test
  void aRangeOfZerosThatHadBeenForcedIsCorruption() {
    LogHarness log = new LogHarness(new MemFileSystem(), 1);
    log.firstSize = 4096;
    log.open();
    for (int i = 0; i < 10; i++) {
      log.append(150, true);
    }
    byte[] bytes = log.read(1);
    Arrays.fill(bytes, 512, 1024, (byte) 0);
    LogHarness copy = damaged(log, 1, bytes);
    CorruptionException e = assertThrows(CorruptionException.class, copy::replay);
    assertTrue(e.offset() <= 512 && e.offset() > 128);
    assertTrue(e.file().endsWith("000001.log"));
  }

  @Test
  void salvageCutsWhereItWouldBeRefused() {
    LogHarness log = smallLog(11, true);
    log.close();
    log.replay();
    for (long segment : log.files.segmentNumbers()) {
      byte[] bytes = log.read(segment);
      for (int at = 0; at < bytes.length; at += 5) {
        byte[] changed = bytes.clone();
        changed[at] ^= 0x10;
        LogHarness copy = damaged(log, segment, changed);
        copy.salvage = true;
        copy.durable = 0;
        copy.open();
        copy.checkPrefix();
        List<LogHarness.Item> found = copy.recovered;
        LogHarness again = copy.on(copy.fs);
        again.salvage = false;
        again.open();
        LogHarness.assertSameItems(found, again.recovered);
      }
    }
  }

  @Test
  void aMissingMiddleSegmentIsCorruption() {
    LogHarness log = smallLog(13, false);
    List<Long> segments = log.files.segmentNumbers();
    assertTrue(segments.size() > 3);
    LogHarness copy = log.on(disk(log).crashImage(CrashMode.KEEP_ALL, 0));
    copy.fs.delete(copy.files.segment(segments.get(1)));
    CorruptionException e = assertThrows(CorruptionException.class, copy::replay);
    assertTrue(e.file().endsWith("000002.log"), e.file());
    copy.salvage = true;
    copy.open();
    copy.checkPrefix();
    assertNotNull(copy.report.cut());
    LogHarness.assertSameItems(log.appended.subList(0, copy.recovered.size()), copy.recovered);
  }

  @Test
  void aSegmentOfAnotherDatabaseIsCorruption() {
    LogHarness log = smallLog(15, true);
    LogHarness copy = log.on(disk(log).crashImage(CrashMode.KEEP_ALL, 0));
    LogFiles foreign = new LogFiles(copy.fs, LogHarness.DIRECTORY, 99);
    CorruptionException e =
        assertThrows(
            CorruptionException.class,
            () -> new LogReplay(foreign, false).run(foreign.segmentNumbers(), r -> {}));
    assertTrue(e.getMessage().contains("another database"));
  }

  @Test
  void aSegmentOfTheSameNumberFromAnotherHistoryIsCorruption() {
    LogHarness log = smallLog(17, true);
    LogHarness other = smallLog(18, true);
    LogHarness copy = damaged(log, 2, other.read(2));
    assertThrows(CorruptionException.class, copy::replay);
  }

  @Test
  void aSegmentUnderAnotherNumberIsCorruption() {
    LogHarness log = smallLog(19, true);
    LogHarness copy = damaged(log, 2, log.read(1));
    CorruptionException e = assertThrows(CorruptionException.class, copy::replay);
    assertTrue(e.getMessage().contains("under another name"));
  }

  @Test
  void anUnknownVersionOrFeatureIsNamed() {
    LogHarness log = smallLog(21, true);
    byte[] bytes = log.read(1);
    for (int version : new int[] {0, 1, 2, 4}) {
      byte[] changed = bytes.clone();
      Bytes.putInt(changed, 8, version);
      LogHarness copy = damaged(log, 1, changed);
      CorruptionException e = assertThrows(CorruptionException.class, copy::replay);
      assertTrue(e.getMessage().contains("version " + version));
      assertEquals(8, e.offset());
    }

    Bytes.putInt(bytes, 16, 1);
    Bytes.putInt(bytes, 60, new Crc32c().compute(Bytes.getLong(bytes, 32), 0, bytes, 0, 60));
    LogHarness features = damaged(log, 1, bytes);
    CorruptionException e = assertThrows(CorruptionException.class, features::replay);
    assertTrue(e.getMessage().contains("features"));
  }

  /** r46: lengths that lie under valid checksums neither allocate nor pass. */
  @Test
  void r46_hostileLengthsUnderValidChecksums() {
    LogHarness log = new LogHarness(new MemFileSystem(), 23);
    log.open();
    log.append(100, false);
    log.append(100, false);
    byte[] bytes = log.read(1);
    long salt = Bytes.getLong(bytes, 32);
    int second = LogFormat.FIRST_RECORD + RecordHeader.sizeAt(bytes, LogFormat.FIRST_RECORD) + 100;
    int covered = RecordFormat.HEADER_SIZE - 4; // a header without optional fields
    for (int length : new int[] {0, 101, 1000, 1 << 20, (1 << 24) - 1}) {
      byte[] changed = bytes.clone();
      Bytes.putInt(changed, second + 8, length << 8 | RecordFormat.DATA);
      Bytes.putInt(
          changed, second, new Crc32c().compute(salt, second, changed, second + 4, covered));
      LogHarness copy = damaged(log, 1, changed);
      if (length == 0) { // a rule is broken, which no crash does
        assertEquals(second, assertThrows(CorruptionException.class, copy::replay).offset());
        copy.salvage = true;
      }
      copy.replay();
      LogHarness.assertSameItems(log.appended.subList(0, 1), copy.recovered);
      assertEquals(second, copy.report.cut().offset());
    }
  }

  @Test
  void hostileChainsAndCapacitiesUnderValidChecksums() {
    Seed.check(
        300,
        seed -> {
          LogHarness log = smallLog(25, true);
          Random random = new Random(seed);
          long segment = 1L + random.nextInt(2);
          byte[] bytes = log.read(segment);
          long salt = Bytes.getLong(bytes, 32);
          long[] values = {0, -1, 1, 64, 127, 128, 1 << 20, Integer.MAX_VALUE, Long.MAX_VALUE};
          long value = values[random.nextInt(values.length)];
          if (random.nextBoolean()) {
            Bytes.putLong(bytes, 48, value);
            Bytes.putInt(bytes, 60, new Crc32c().compute(salt, 0, bytes, 0, 60));
          } else {
            Bytes.putLong(bytes, 72 + 8 * random.nextInt(6), value);
            Bytes.putInt(bytes, 64, new Crc32c().compute(salt, 64, bytes, 68, 60));
          }
          LogHarness copy = damaged(log, segment, bytes);
          if (!isRefused(copy)) {
            copy.durable = 0;
            copy.checkPrefix();
          }
        });
  }

  @Test
  void randomDamageNeverYieldsAnythingButAPrefix() {
    Seed.check(
        400,
        seed -> {
          LogHarness log = smallLog(seed % 7, seed % 2 == 0);
          Random random = new Random(seed);
          List<Long> segments = log.files.segmentNumbers();
          long segment = segments.get(random.nextInt(segments.size()));
          byte[] bytes = log.read(segment);
          int at = random.nextInt(bytes.length);
          byte[] noise = new byte[1 + random.nextInt(Math.min(700, bytes.length - at))];
          if (random.nextBoolean()) {
            random.nextBytes(noise);
          }
          System.arraycopy(noise, 0, bytes, at, noise.length);
          LogHarness copy = damaged(log, segment, bytes);
          if (!isRefused(copy)) {
            copy.durable = 0;
            copy.checkPrefix();
          }
        });
  }
}
