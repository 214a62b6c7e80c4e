package io.lsmdb.internal.wal;

/**
 * One data record as replay hands it out.
 *
 * <p>The payload lies in a buffer that is overwritten after the consumer returns.
 *
 * @param firstSequence its smallest sequence number
 * @param lastSequence its largest sequence number
 * @param array holds the payload; never to be written to
 * @param offset where the payload starts
 * @param length its length in bytes
 * @param segment number of the segment that holds it
 * @param position offset of the record in the segment
 */
public record LogRecord(
    long firstSequence,
    long lastSequence,
    byte[] array,
    int offset,
    int length,
    long segment,
    long position) {}
