package io.lsmdb.internal.record;

/**
 * Bounds of the records in one type of file.
 *
 * <p>Immutable.
 *
 * @param maxPayload longest payload of a data record in bytes, at most 2^30
 * @param endPayload length in bytes of an end record's payload, where it has one
 * @param numbered whether data records may name their numbers
 */
public record RecordRules(int maxPayload, int endPayload, boolean numbered) {}
