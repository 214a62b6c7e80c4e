/**
 * Cursors over internal keys: the contract that memtables, tables and levels fulfil, and the cursor
 * that merges them into one order.
 *
 * <p>They show every version and every tombstone; hiding some is the engine's part.
 */
package io.lsmdb.internal.iterator;
