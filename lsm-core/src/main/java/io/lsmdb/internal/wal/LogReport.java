package io.lsmdb.internal.wal;

import java.util.List;

/**
 * What replay found.
 *
 * <p>Immutable.
 *
 * @param segments those replayed, oldest first
 * @param unused numbers of segments that were prepared and not used
 * @param discarded numbers of segments that follow a cut, whose content was not replayed
 * @param cut the torn tail, null where there is none
 * @param cleanClose whether the log ends with an end record
 * @param precedingSequence largest sequence number before the oldest segment: what the tables hold
 *     has to reach up to here
 * @param highestNumber largest segment number seen, 0 for none
 * @param tail where the log ends
 */
public record LogReport(
    List<SegmentInfo> segments,
    List<Long> unused,
    List<Long> discarded,
    Cut cut,
    boolean cleanClose,
    long precedingSequence,
    long highestNumber,
    LogTail tail) {

  /**
   * Where a log was cut.
   *
   * @param segment number of the segment
   * @param file its path
   * @param offset of the first byte that was cut
   * @param bytes how many bytes of this segment were cut, zeros at its end not counted
   * @param problem what was found there
   */
  public record Cut(long segment, String file, long offset, long bytes, String problem) {}
}
