/**
 * The choice of compactions: pure functions from a version to a {@link
 * io.lsmdb.internal.compaction.pick.Compaction}.
 *
 * <p>{@link io.lsmdb.internal.compaction.pick.Pickers} makes the {@link
 * io.lsmdb.internal.compaction.pick.Picker} of a style. Nothing here opens a file or knows the jobs
 * that run what is picked.
 */
package io.lsmdb.internal.compaction.pick;
