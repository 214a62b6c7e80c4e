package io.lsmdb.internal.record;

/**
 * A type of record file.
 *
 * <p>Immutable.
 *
 * @param name for messages
 * @param magic the first eight bytes as a little-endian number
 * @param version of the type's format
 * @param firstRecord offset of the first record
 * @param rules bounds of its records
 */
public record RecordFileType(
    String name, long magic, int version, int firstRecord, RecordRules rules) {}
