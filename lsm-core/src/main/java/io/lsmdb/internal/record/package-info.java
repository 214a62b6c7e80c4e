/**
 * The framing of checksummed, chained records that the log and the manifest share.
 *
 * <p>{@link io.lsmdb.internal.record.RecordEncoder} makes the headers that writers put before
 * payloads, {@link io.lsmdb.internal.record.RecordScan} reads a file back and tells its end, a torn
 * tail and damage apart. The format is docs/record-format.md.
 */
package io.lsmdb.internal.record;
