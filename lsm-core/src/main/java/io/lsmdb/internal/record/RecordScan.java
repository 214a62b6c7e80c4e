package io.lsmdb.internal.record;

import io.lsmdb.internal.key.InternalKey;
import io.lsmdb.internal.record.RecordHeader.Found;
import io.lsmdb.internal.record.ScanEnd.Verdict;
import java.util.function.LongPredicate;

/**
 * The reading of a file's records in order, and the verdict on the place where they end.
 *
 * <p>Not thread-safe; used once. The file is the caller's to close.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>The records handed out are intact and follow each other from the first one on.
 *   <li>Bytes behind a break never become records. They are searched for the verdict alone.
 *   <li>A break is a torn tail only if nothing found says that bytes behind it had been forced.
 *   <li>No length found in a file makes the scan allocate more than the file holds.
 * </ol>
 *
 * <p>Why headers behind a break can be trusted: a header is accepted only if its checksum holds,
 * which depends on the file's random salt and on the header's own offset. What it says was true
 * when it was written. So if it knows an offset beyond the break to have been forced, the break is
 * not the work of a loss of power.
 */
public final class RecordScan {
  private final RecordFile file;
  private final RecordHeader header;
  private final long expectedEnd;
  private final long limit;

  /** Where the current record starts; behind the last one, once {@link #next} has said false. */
  private long at;

  /** Where the next record starts. */
  private long following;

  private int payloadStart;
  private long firstNumber;
  private long lastNumber;
  private boolean ended;

  /** What is wrong at {@link #at}, null for nothing. */
  private String problem;

  private boolean brokenRule;

  /**
   * Starts before the first record.
   *
   * @param file the file
   * @param expectedEnd where the records must end; -1 for a file filled ahead, in which they end
   *     where zeros begin
   * @param lastNumber largest number of all records before
   */
  public RecordScan(RecordFile file, long expectedEnd, long lastNumber) {
    this.file = file;
    this.header = new RecordHeader(file.type().rules());
    this.expectedEnd = expectedEnd;
    this.limit = expectedEnd >= 0 ? Math.min(expectedEnd, file.size()) : file.size();
    this.following = file.type().firstRecord();
    this.lastNumber = lastNumber;
  }

  /**
   * Moves to the next record.
   *
   * @return false where there is none; {@link #end} says why
   */
  public boolean next() {
    at = following;
    if (ended || problem != null || limit - at < RecordFormat.HEADER_SIZE) {
      return false;
    }
    problem = check();
    if (problem != null) {
      return false;
    }
    if (isData()) {
      firstNumber = header.firstAfter(lastNumber);
      lastNumber = header.lastAfter(lastNumber);
    }
    ended = header.type == RecordFormat.END;
    following = at + header.recordSize();
    return true;
  }

  /** Checks the record at an offset; returns what is wrong with it, or null. */
  private String check() {
    Found found = file.decode(header, at);
    if (found != Found.RECORD) {
      brokenRule = found == Found.BROKEN_RULE;
      return brokenRule ? "a record header that no writer writes" : "no valid record header";
    }
    long size = header.recordSize();
    if (size > limit - at) {
      return "a record that is longer than its file";
    }
    if (isData() && header.firstAfter(lastNumber) <= lastNumber) {
      brokenRule = true;
      return "a sequence number that does not grow";
    }
    if (isData() && header.lastAfter(lastNumber) > InternalKey.MAX_SEQUENCE) {
      brokenRule = true;
      return "a sequence number that is too large";
    }
    int headerSize = header.size();
    payloadStart = file.load(at, (int) size) + headerSize;
    if (header.length > 0
        && !file.matches(header.payloadCrc, at + headerSize, payloadStart, header.length)) {
      return "checksum mismatch in a record";
    }
    for (int i = header.length; i < size - headerSize; i++) {
      if (file.window[payloadStart + i] != 0) {
        return "padding that is not zero";
      }
    }
    return null;
  }

  /**
   * Tells whether the current record holds data.
   *
   * @return false for marks and end records
   */
  public boolean isData() {
    return header.type == RecordFormat.DATA;
  }

  /**
   * The header of the current record.
   *
   * @return valid until the next call of {@link #next}
   */
  public RecordHeader header() {
    return header;
  }

  /**
   * The offset of the current record.
   *
   * @return bytes from the start of the file
   */
  public long position() {
    return at;
  }

  /**
   * The array that holds the payload of the current record, never to be written to.
   *
   * @return valid until the next call of {@link #next}
   */
  public byte[] array() {
    return file.window;
  }

  /**
   * The place of the payload in {@link #array}.
   *
   * @return an offset
   */
  public int payloadStart() {
    return payloadStart;
  }

  /**
   * The smallest number of the last data record.
   *
   * @return a sequence number in the log
   */
  public long firstNumber() {
    return firstNumber;
  }

  /**
   * The largest number of all data records so far.
   *
   * @return a sequence number in the log
   */
  public long lastNumber() {
    return lastNumber;
  }

  /**
   * Judges the place where the records end, once {@link #next} has said false.
   *
   * @param forcedElsewhere whether anything outside of the file says that bytes behind an offset
   *     had been forced
   * @return what it means
   */
  public ScanEnd end(LongPredicate forcedElsewhere) {
    if (at == expectedEnd || (ended && expectedEnd < 0)) {
      return new ScanEnd(at, ended ? Verdict.CLOSED : Verdict.OPEN, null, 0, null);
    }
    long content = file.endOfContent(at);
    if (expectedEnd < 0 && content == at) {
      return new ScanEnd(at, Verdict.OPEN, null, 0, null);
    }
    String what =
        problem != null ? problem : ended ? "bytes behind the end" : "records are missing";
    String proof = proof(forcedElsewhere);
    Verdict verdict = proof == null ? Verdict.TORN : Verdict.DAMAGED;
    return new ScanEnd(at, verdict, what, Math.max(content, expectedEnd) - at, proof);
  }

  /** Why the break is damage; null where it is a torn tail. */
  private String proof(LongPredicate forcedElsewhere) {
    if (brokenRule) {
      return "its checksum holds, so that no crash explains it";
    }
    if (ended) {
      return "the file was closed cleanly";
    }
    return file.knowsForcedBeyond(at, at) || forcedElsewhere.test(at)
        ? "it had been forced to the device"
        : null;
  }
}
