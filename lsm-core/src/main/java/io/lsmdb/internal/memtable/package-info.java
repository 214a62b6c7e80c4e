/**
 * The table in memory: a hash index of keys with version chains, and a blocked skip list of them,
 * kept at once or made on demand.
 */
package io.lsmdb.internal.memtable;
