package io.lsmdb.internal.wal;

/**
 * What a segment in use holds.
 *
 * <p>Immutable.
 *
 * @param number its number
 * @param firstSequence smallest sequence number in it, 0 where it holds no record
 * @param lastSequence largest sequence number in it, 0 where it holds no record
 * @param length bytes in use, from the start of the file
 */
public record SegmentInfo(long number, long firstSequence, long lastSequence, long length) {}
