/**
 * Flushes and compactions: what may be left out, and the rewriting itself.
 *
 * <p>{@link io.lsmdb.internal.compaction.pick} chooses what to compact. {@link
 * io.lsmdb.internal.compaction.CompactionIterator} alone decides which entries go. {@link
 * io.lsmdb.internal.compaction.FlushJob} and {@link io.lsmdb.internal.compaction.CompactionJob}
 * write tables and report a change; committing it, and deleting what became obsolete, is the
 * engine's part.
 */
package io.lsmdb.internal.compaction;
