/** The table in memory: a blocked skip list of keys with version chains, and a hash index. */
package io.lsmdb.internal.memtable;
