package io.lsmdb.internal.wal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.CorruptionException;
import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.base.Crc32c;
import io.lsmdb.internal.record.RecordFormat;
import io.lsmdb.testing.CrashMode;
import io.lsmdb.testing.MemFileSystem;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** The optional fields of record headers, and the places at which records may stand. */
class LogHeaderTest {
  private static final int TYPE = 8;

  private static LogHarness newLog() {
    LogHarness log = new LogHarness(new MemFileSystem(), 1);
    log.firstSize = 4096;
    log.open();
    return log;
  }

  private static LogHarness damaged(LogHarness log, byte[] content) {
    LogHarness copy = log.on(((MemFileSystem) log.fs).crashImage(CrashMode.KEEP_ALL, 0));
    copy.replace(1, content);
    return copy;
  }

  private static int sizeOf(LogHarness log, int length, long span) {
    int before = log.used();
    log.append(length, span, false);
    return log.used() - before;
  }

  @Test
  void aFieldTakesRoomOnlyWhereItIsNotZero() {
    LogHarness log = newLog();
    log.append(1, 0, false);
    assertEquals(12 + 100, sizeOf(log, 100, 0));
    assertEquals(16 + 100, sizeOf(log, 100, 1));
    log.skipSequences(1);
    assertEquals(20 + 100, sizeOf(log, 100, 0));
    log.skipSequences(1L << 40);
    assertEquals(24 + 100, sizeOf(log, 100, 1));
    int before = log.used();
    log.sync();
    assertEquals(before + 16, log.used(), "a mark");
    assertEquals(16 + 104, sizeOf(log, 101, 0));
    assertEquals(20 + 104, sizeOf(log, 104, 0xFFFF_FFFFL));
    log.skipSequences(3);
    assertEquals(28 + 104, sizeOf(log, 104, 7));
    log.replay();
    log.checkAll();
    log.close();
    log.open();
    log.checkAll();
  }

  /** The length is told in two parts from 16 MiB on. */
  @Test
  void aLongPayloadTakesFourBytesMore() {
    for (int length : new int[] {(1 << 24) - 1, 1 << 24, (1 << 25) + 3}) {
      LogHarness log = newLog();
      log.append(1, 0, false);
      int header = length < 1 << 24 ? 12 : 16;
      log.append(length, 0, false); // in a segment of its own
      assertEquals(
          LogFormat.FIRST_RECORD + header + RecordFormat.align(length),
          log.used(),
          length + " bytes");
      log.append(10, 0, false);
      log.replay();
      log.checkAll();
    }
  }

  /** What a record knows of forces is in each one, so no mark and no other record is needed. */
  @Test
  void oneRecordBehindABreakProvesTheForceWhereverItStands() {
    for (int length = 96; length <= 104; length++) {
      LogHarness log = newLog();
      log.append(length, 0, true);
      int mark = log.used() - RecordFormat.CONTROL_SIZE;
      log.append(length, 0, false);
      int last = log.used();
      log.append(length, 1, false);
      byte[] bytes = log.read(1);
      Arrays.fill(bytes, LogFormat.FIRST_RECORD, last, (byte) 0);
      CorruptionException e = assertThrows(CorruptionException.class, damaged(log, bytes)::replay);
      assertEquals(LogFormat.FIRST_RECORD, e.offset());
      bytes = log.read(1);
      Arrays.fill(bytes, mark, last, (byte) 0);
      LogHarness copy = damaged(log, bytes); // behind what was forced: the mark was not
      copy.replay();
      copy.checkPrefix();
      assertEquals(mark, copy.report.cut().offset());
    }
  }

  /** Headers that no writer writes are damage, forced or not, since their checksums hold. */
  @Test
  void hostileFlagsAndFieldsUnderValidChecksumsAreNoRecord() {
    LogHarness log = newLog();
    log.append(100, 0, false);
    int second = log.used();
    log.append(100, 0, false);
    int data = RecordFormat.DATA;
    int mark = RecordFormat.MARK;
    int end = RecordFormat.END;
    int forced = RecordFormat.HAS_FORCED;
    int span = RecordFormat.HAS_SPAN;
    int sequence = RecordFormat.HAS_NUMBER;
    int high = RecordFormat.HAS_HIGH_LENGTH;
    assertNoRecord(log, second, data | forced, 0, 0);
    assertNoRecord(log, second, data | forced, -1, 0);
    assertNoRecord(log, second, data | forced, second + 4, 0);
    assertNoRecord(log, second, data | span, 0, 0);
    assertNoRecord(log, second, data | forced | span, 128, 0);
    assertNoRecord(log, second, data | forced | span, 0, 1);
    assertNoRecord(log, second, data | sequence, 0, 0);
    assertNoRecord(log, second, data | sequence, 0, 0x0100_0000);
    assertNoRecord(log, second, data | sequence, 0, -1);
    assertNoRecord(log, second, data | high, 0, 0);
    assertNoRecord(log, second, data | high, 65, 0);
    assertNoRecord(log, second, data | high, -1, 0);
    for (int type : new int[] {mark, end}) {
      assertNoRecord(log, second, type, 0, 0);
      assertNoRecord(log, second, type | forced, 0, 0);
      assertNoRecord(log, second, type | span, 1, 0);
      assertNoRecord(log, second, type | forced | span, 128, 1);
      assertNoRecord(log, second, type | forced | high, 128, 1);
      assertNoRecord(log, second, type | sequence, 9, 0);
    }
    assertNoRecord(log, second, 0, 0, 0);
    assertNoRecord(log, second, 4 | forced, 128, 0);
    String small = "a sequence number that does not grow";
    assertBreak(log, second, data | sequence, 1, 0, small);
    String large = "a sequence number that is too large";
    assertBreak(log, second, data | span | sequence, -1, -1, large);
    String longer = "a record that is longer than its file";
    assertBreak(log, second, data | high, 1, 0, longer);
    assertBreak(log, second, data | high, 63, 0, longer);
  }

  private static void assertNoRecord(LogHarness log, int at, int typeAndFlags, int one, int two) {
    assertBreak(log, at, typeAndFlags, one, two, "a record header that no writer writes");
  }

  /**
   * Puts a header in the place of the second record; its checksums are right, the bytes behind the
   * two given fields are those of the largest sequence number.
   */
  private static void assertBreak(
      LogHarness log, int at, int typeAndFlags, int one, int two, String problem) {
    byte[] bytes = log.read(1);
    boolean isData = (typeAndFlags & 0x0F) == RecordFormat.DATA;
    int size = 12 + 4 * Integer.bitCount(typeAndFlags & 0xF0);
    if ((typeAndFlags & RecordFormat.HAS_NUMBER) != 0) {
      size += 4;
    }
    long salt = Bytes.getLong(bytes, 32);
    Arrays.fill(bytes, at, at + 112, (byte) 0);
    if (isData) {
      Bytes.putInt(bytes, at + TYPE, 4 << 8);
      Bytes.putInt(bytes, at + 4, new Crc32c().compute(salt, at + size, bytes, at + size, 4));
    }
    bytes[at + TYPE] = (byte) typeAndFlags;
    int[] fields = {one, two, 0x00FF_FFFF};
    for (int i = 0; 12 + 4 * i < size; i++) {
      Bytes.putInt(bytes, at + 12 + 4 * i, fields[i]);
    }
    Bytes.putInt(bytes, at, new Crc32c().compute(salt, at, bytes, at + 4, size - 4));
    LogHarness copy = damaged(log, bytes);
    if (!problem.contains("longer")) { // a torn write may leave a file that is too short, no more
      CorruptionException e = assertThrows(CorruptionException.class, copy::replay);
      assertEquals(at, e.offset());
      assertTrue(e.getMessage().contains(problem), e.getMessage());
      copy.salvage = true;
    }
    copy.replay();
    LogHarness.assertSameItems(log.appended.subList(0, 1), copy.recovered);
    assertEquals(at, copy.report.cut().offset());
    assertEquals(problem, copy.report.cut().problem());
  }

  /** The helper above does make records where the fields are as a writer has them. */
  @Test
  void headersWithRightFieldsAreRecords() {
    LogHarness log = newLog();
    log.append(100, 0, false);
    int second = log.used();
    log.append(100, 0, false);
    assertThrows(AssertionError.class, () -> assertNoRecord(log, second, RecordFormat.DATA, 0, 0));
    int both = RecordFormat.DATA | RecordFormat.HAS_FORCED | RecordFormat.HAS_SPAN;
    assertThrows(AssertionError.class, () -> assertNoRecord(log, second, both, 128, 1));
    int sequence = RecordFormat.DATA | RecordFormat.HAS_NUMBER;
    assertThrows(AssertionError.class, () -> assertNoRecord(log, second, sequence, 9, 0));
  }

  /** A file that ends within the optional fields of its last header. */
  @Test
  void aHeaderCutShortIsNoRecord() {
    LogHarness log = newLog();
    log.append(100, 0, false);
    int second = log.used();
    log.skipSequences(5);
    log.append(100, 3, false);
    for (int kept = 1; kept < 24; kept++) {
      LogHarness copy = damaged(log, Arrays.copyOf(log.read(1), second + kept));
      copy.replay();
      LogHarness.assertSameItems(log.appended.subList(0, 1), copy.recovered);
      assertEquals(second, copy.report.cut().offset());
    }
  }
}
