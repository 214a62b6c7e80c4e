/**
 * The write-ahead log: records appended to segments filled with zeros ahead, and their replay.
 *
 * <p>{@link io.lsmdb.internal.wal.LogWriter} appends, {@link io.lsmdb.internal.wal.SegmentPool}
 * prepares segments ahead of it and retires them after it, {@link io.lsmdb.internal.wal.LogReplay}
 * reads everything back and tells a torn tail from damage. The format is docs/log-format.md.
 */
package io.lsmdb.internal.wal;
