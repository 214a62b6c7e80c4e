package io.lsmdb.internal.wal;

import io.lsmdb.CorruptionException;
import io.lsmdb.internal.key.InternalKey;
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
 *   <li>Bytes behind a break never become records. They are looked at for that verdict alone.
 *   <li>No length found in a file makes the reader allocate more than the file holds.
 * </ol>
 *
 * <p>Why headers behind a break can be trusted: a header is accepted only if its checksum, seeded
 * with the segment's random salt and with its own offset, holds. What it says was true when it was
 * written, so if it knows an offset beyond the break to have been forced, the break is not the work
 * of a loss of power.
 */
public final class LogReplay {
  private final LogFiles files;
  private final boolean salvage;
  private final RecordHeader header = new RecordHeader();

  /** All segments with a readable identity, in order. */
  private final List<SegmentHead> heads = new ArrayList<>();

  private final List<SegmentInfo> replayed = new ArrayList<>();
  private LogTail tail = LogTail.NONE;
  private LogReport.Cut cut;
  private boolean closed;

  /** Data records and largest sequence number so far, of the whole history. */
  private long records;

  private long lastSequence;

  /**
   * Where reading a segment stopped.
   *
   * @param offset behind the last record
   * @param closed whether that was an end record
   * @param problem what is wrong there, null for nothing
   * @param bytes that are cut off with it
   */
  private record Stop(long offset, boolean closed, String problem, long bytes) {}

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
    List<SegmentHead> inUse = chaining.inUse();
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
        heads.add(SegmentHead.read(files, number));
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

  private void replay(SegmentHead head, long namedLength, LogConsumer consumer) {
    if (head.chain().firstOrdinal() != records || head.chain().lastSequence() != lastSequence) {
      breakAtStart(head, "the segment does not continue the one before it");
      return;
    }
    long before = records;
    long first = 0;
    Stop stop;
    try (SegmentReader in = head.open(files)) {
      First consumed = new First(consumer);
      stop = read(in, namedLength, consumed);
      first = consumed.sequence;
      if (stop.problem() != null) {
        refuseIfForced(head, stop.offset(), stop.problem());
        cut =
            new LogReport.Cut(
                head.number(), head.file(), stop.offset(), stop.bytes(), stop.problem());
      }
    }
    long last = records == before ? 0 : lastSequence;
    replayed.add(new SegmentInfo(head.number(), first, last, stop.offset()));
    tail = new LogTail(head.number(), head.identity().salt(), stop.offset(), records, lastSequence);
    closed = stop.closed();
  }

  /** Remembers the first sequence number that passes. */
  private static final class First implements LogConsumer {
    private final LogConsumer next;
    private long sequence;

    First(LogConsumer next) {
      this.next = next;
    }

    @Override
    public void accept(LogRecord record) {
      if (sequence == 0) {
        sequence = record.firstSequence();
      }
      next.accept(record);
    }
  }

  private Stop read(SegmentReader in, long namedLength, LogConsumer consumer) {
    long size = in.head.size();
    long limit = namedLength >= 0 ? Math.min(namedLength, size) : size;
    long at = LogFormat.FIRST_RECORD;
    boolean end = false;
    String problem = null;
    while (!end && limit - at >= LogFormat.HEADER_SIZE) {
      problem = check(in, at, limit);
      if (problem != null) {
        break;
      }
      if (header.type == LogFormat.DATA) {
        deliver(in, at, consumer);
      }
      end = header.type == LogFormat.END;
      at += header.recordSize();
    }
    if (at == namedLength || (end && namedLength < 0)) {
      return new Stop(at, end, null, 0);
    }
    long content = in.endOfContent(at);
    if (namedLength < 0 && content == at) {
      return new Stop(at, false, null, 0);
    }
    String what = problem != null ? problem : "records are missing";
    return new Stop(at, false, what, Math.max(content, namedLength) - at);
  }

  /** Checks the record at an offset; returns what is wrong with it, or null. */
  private String check(SegmentReader in, long at, long limit) {
    if (!in.decode(header, at)) {
      return "no valid record header";
    }
    long size = header.recordSize();
    if (size > limit - at) {
      return "a record that is longer than its segment";
    }
    if (header.type != LogFormat.DATA) {
      return null;
    }
    if (header.firstAfter(lastSequence) <= lastSequence) {
      return "a sequence number that does not grow";
    }
    if (header.lastAfter(lastSequence) > InternalKey.MAX_SEQUENCE) {
      return "a sequence number that is too large";
    }
    int start = in.load(at, (int) size) + header.size();
    if (!in.matches(header.payloadCrc, at + header.size(), start, header.length)) {
      return "checksum mismatch in a record";
    }
    for (int i = header.length; i < size - header.size(); i++) {
      if (in.window[start + i] != 0) {
        return "padding that is not zero";
      }
    }
    return null;
  }

  private void deliver(SegmentReader in, long at, LogConsumer consumer) {
    int start = in.load(at, (int) header.recordSize()) + header.size();
    long first = header.firstAfter(lastSequence);
    records++;
    lastSequence = header.lastAfter(lastSequence);
    consumer.accept(
        new LogRecord(first, lastSequence, in.window, start, header.length, in.head.number(), at));
  }

  // ---- breaks

  /** The log breaks before the first record of a segment, which goes as a whole. */
  private void breakAtStart(SegmentHead head, String problem) {
    refuseIfForced(head, LogFormat.IDENTITY_SIZE, problem);
    try (SegmentReader in = head.open(files)) {
      long bytes = in.endOfContent(LogFormat.IDENTITY_SIZE) - LogFormat.IDENTITY_SIZE;
      cut = new LogReport.Cut(head.number(), head.file(), LogFormat.IDENTITY_SIZE, bytes, problem);
    }
  }

  private void refuseIfForced(SegmentHead head, long offset, String problem) {
    if (!salvage && wasForced(head, offset)) {
      throw new CorruptionException(
          head.file(), offset, problem + " (it had been forced to the device)");
    }
  }

  private void refuse(CorruptionException e) {
    if (!salvage) {
      throw e;
    }
  }

  /** Whether anything found says that the bytes at an offset had been forced. */
  @SuppressWarnings("ReferenceEquality") // the head itself is among the others
  private boolean wasForced(SegmentHead head, long offset) {
    for (SegmentHead other : heads) {
      if (other.number() < head.number()) {
        continue;
      }
      boolean same = other.number() == head.number();
      if (!same && other.inUse() && other.chain().predecessor() >= head.number()) {
        long threshold = other.follows(head) ? offset : 0;
        if (other.chain().predecessorForced() > threshold) {
          return true;
        }
      }
      try (SegmentReader in = other.open(files)) {
        if (in.knowsForcedBeyond(same ? offset : 0, same ? offset : 0)) {
          return true;
        }
      }
    }
    return false;
  }

  /** Whether, as a clean close leaves it, only zeros stand behind the records of all segments. */
  private boolean unusedPartsAreZero(List<SegmentHead> inUse) {
    boolean zeros = true;
    for (int i = 0; i < inUse.size(); i++) {
      long end = replayed.get(i).length();
      try (SegmentReader in = inUse.get(i).open(files)) {
        if (in.endOfContent(end) > end) {
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
