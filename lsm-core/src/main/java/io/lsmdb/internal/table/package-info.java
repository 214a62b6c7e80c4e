/**
 * Tables: immutable files of sorted entries, with an index, a bloom filter and a cache of blocks.
 *
 * <p>Reading order: {@link io.lsmdb.internal.table.TableBuilder} writes, {@link
 * io.lsmdb.internal.table.TableReader} looks up, {@link io.lsmdb.internal.table.ShardedBlockCache}
 * keeps what was read. The format is docs/table-format.md.
 */
package io.lsmdb.internal.table;
