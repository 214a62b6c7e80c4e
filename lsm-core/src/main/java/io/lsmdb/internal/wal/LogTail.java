package io.lsmdb.internal.wal;

/**
 * The end of a log, to which the next segment is chained.
 *
 * <p>Immutable. All of the log up to here is forced.
 *
 * @param segment number of the newest segment in use, 0 for none
 * @param salt its salt
 * @param length where its last record ends
 * @param records data records in the whole history of the log
 * @param lastSequence largest sequence number in the whole history of the log
 */
public record LogTail(long segment, long salt, long length, long records, long lastSequence) {
  /** The end of a log that has no segment yet. */
  public static final LogTail NONE = new LogTail(0, 0, 0, 0, 0);
}
