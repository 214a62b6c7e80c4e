package io.lsmdb.internal.wal;

import io.lsmdb.CorruptionException;
import io.lsmdb.internal.record.RecordFile;
import io.lsmdb.internal.record.RecordScan;
import io.lsmdb.internal.record.ScanEnd;
import java.util.ArrayList;
import java.util.List;

/**
 * The reading of a log after an open.
 *
 * <p>Used once, by one thread, while nothing writes to the log. {@link #run} changes no file;
 * {@link #seal} makes what it found final. Holds nothing open between calls.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>What the consumer gets is an exact prefix of what was appended, no shorter than what is
 *       known to have been forced.
 *   <li>A place where the log breaks is a torn tail only if nothing found anywhere says that the
 *       bytes there had been forced; otherwise it is corruption, which is thrown, or cut at if the
 *       caller has asked for salvage.
 * </ol>
 *
 * <p>{@link RecordScan} tells an end, a torn tail and damage apart within a segment; this adds what
 * later segments say.
 */
public final class LogReplay {
  private final LogFiles files;
  private final boolean salvage;

  /** All segments with a readable identity, in order. */
  private final List<SegmentHeader> heads = new ArrayList<>();

  private final List<SegmentInfo> replayed = new ArrayList<>();
  private LogTail tail = LogTail.NONE;
  private LogReport.Cut cut;
  private boolean closed;

  /** Data records and largest sequence number so far, of the whole history. */
  private long records;

  private long lastSequence;

  /**
   * Prepares to read a log.
   *
   * @param files where it lives
   * @param salvage whether to cut a log at damage instead of refusing it
   */
  public LogReplay(LogFiles files, boolean salvage) {
    this.files = files;
    this.salvage = salvage;
  }

  /**
   * Reads the log.
   *
   * @param numbers the segments to read, ascending; usually {@link LogFiles#segmentNumbers}
   * @param consumer gets the records
   * @return what was found
   * @throws CorruptionException if something that had been forced, or may have been, is not there
   */
  public LogReport run(List<Long> numbers, LogConsumer consumer) {
    readHeads(numbers);
    SegmentChaining chaining = SegmentChaining.of(files, heads);
    List<SegmentHeader> inUse = chaining.inUse();
    long preceding = inUse.isEmpty() ? 0 : inUse.get(0).chain().lastSequence();
    records = inUse.isEmpty() ? 0 : inUse.get(0).chain().firstOrdinal();
    lastSequence = preceding;
    for (int i = 0; i < inUse.size() && cut == null; i++) {
      boolean last = i + 1 == inUse.size();
      replay(inUse.get(i), last ? -1 : inUse.get(i + 1).chain().predecessorLength(), consumer);
    }
    if (cut == null && chaining.missing() != null) {
      refuse(chaining.missing());
      cut = cutBehindTail(chaining.missing().getMessage());
    }
    if (cut == null && chaining.broken() != null) {
      breakAtStart(chaining.broken(), "the segment's chain is damaged or lost");
    }
    boolean clean = closed && cut == null && unusedPartsAreZero(inUse);
    return report(numbers, chaining, clean, preceding);
  }

  /**
   * Makes the outcome of {@link #run} final: forces what was replayed, removes what was cut, and
   * deletes what is not needed. If it is interrupted, the next reading finds the same records.
   *
   * @param report what was found
   * @return where the log continues
   */
  public LogTail seal(LogReport report) {
    return new LogTailRepair(files).seal(report);
  }

  private void readHeads(List<Long> numbers) {
    for (long number : numbers) {
      try {
        heads.add(SegmentHeader.read(files, number));
      } catch (CorruptionException e) {
        refuse(e);
        return;
      }
    }
  }

  private LogReport report(
      List<Long> numbers, SegmentChaining chaining, boolean clean, long preceding) {
    long newest = tail.segment();
    boolean damagedHead = heads.size() < numbers.size();
    if (cut == null && damagedHead) {
      cut = cutBehindTail("a damaged segment follows");
    }
    List<Long> unused = new ArrayList<>();
    List<Long> discarded = new ArrayList<>();
    for (long number : numbers) {
      boolean kept = replayed.stream().anyMatch(info -> info.number() == number);
      if (!kept) {
        boolean wasUnused = chaining.unused().contains(number) && (cut == null || number < newest);
        (wasUnused ? unused : discarded).add(number);
      }
    }
    long highest = numbers.isEmpty() ? 0 : numbers.get(numbers.size() - 1);
    return new LogReport(
        List.copyOf(replayed), unused, discarded, cut, clean, preceding, highest, tail);
  }

  private LogReport.Cut cutBehindTail(String problem) {
    String file = tail.segment() == 0 ? "" : files.segment(tail.segment()).toString();
    return new LogReport.Cut(tail.segment(), file, tail.length(), 0, problem);
  }

  // ---- one segment

  private void replay(SegmentHeader head, long namedLength, LogConsumer consumer) {
    if (head.chain().firstOrdinal() != records || head.chain().lastSequence() != lastSequence) {
      breakAtStart(head, "the segment does not continue the one before it");
      return;
    }
    long before = records;
    long first = 0;
    ScanEnd end;
    try (RecordFile file = head.open(files)) {
      RecordScan scan = new RecordScan(file, namedLength, lastSequence);
      while (scan.next()) {
        if (scan.isData()) {
          first = records == before ? scan.firstNumber() : first;
          deliver(scan, head.number(), consumer);
        }
      }
      end = scan.end(offset -> !salvage && isForcedByLater(head, offset));
    }
    if (end.verdict() == ScanEnd.Verdict.DAMAGED) {
      refuse(end.corruption(head.file()));
    }
    if (end.isBreak()) {
      cut = new LogReport.Cut(head.number(), head.file(), end.offset(), end.bytes(), end.problem());
    }
    long last = records == before ? 0 : lastSequence;
    replayed.add(new SegmentInfo(head.number(), first, last, end.offset()));
    tail = new LogTail(head.number(), head.identity().salt(), end.offset(), records, lastSequence);
    closed = end.verdict() == ScanEnd.Verdict.CLOSED;
  }

  private void deliver(RecordScan scan, long segment, LogConsumer consumer) {
    records++;
    lastSequence = scan.lastNumber();
    consumer.accept(
        new LogRecord(
            scan.firstNumber(),
            lastSequence,
            scan.array(),
            scan.payloadStart(),
            scan.header().length(),
            segment,
            scan.position()));
  }

  // ---- breaks

  /** The log breaks before the first record of a segment, which goes as a whole. */
  private void breakAtStart(SegmentHeader head, String problem) {
    long start = LogFormat.IDENTITY_SIZE;
    try (RecordFile file = head.open(files)) {
      if (!salvage && (file.knowsForcedBeyond(start, start) || isForcedByLater(head, start))) {
        throw new CorruptionException(
            head.file(), start, problem + " (it had been forced to the device)");
      }
      long bytes = file.endOfContent(start) - start;
      cut = new LogReport.Cut(head.number(), head.file(), start, bytes, problem);
    }
  }

  private void refuse(CorruptionException e) {
    if (!salvage) {
      throw e;
    }
  }

  /** Whether a later segment says that the bytes at an offset had been forced. */
  private boolean isForcedByLater(SegmentHeader head, long offset) {
    for (SegmentHeader other : heads) {
      if (other.number() <= head.number()) {
        continue;
      }
      if (other.inUse() && other.chain().predecessor() >= head.number()) {
        long threshold = other.follows(head) ? offset : 0;
        if (other.chain().predecessorForced() > threshold) {
          return true;
        }
      }
      try (RecordFile file = other.open(files)) {
        if (file.knowsForcedBeyond(0, 0)) {
          return true;
        }
      }
    }
    return false;
  }

  /** Whether, as a clean close leaves it, only zeros stand behind the records of all segments. */
  private boolean unusedPartsAreZero(List<SegmentHeader> inUse) {
    boolean zeros = true;
    for (int i = 0; i < inUse.size(); i++) {
      long end = replayed.get(i).length();
      try (RecordFile file = inUse.get(i).open(files)) {
        if (file.endOfContent(end) > end) {
          zeros = false;
          refuse(
              new CorruptionException(
                  inUse.get(i).file(), end, "bytes behind the end of a log closed cleanly"));
        }
      }
    }
    return zeros;
  }
}
