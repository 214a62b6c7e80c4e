/** Writes: requests, the commit queue and pipeline, the log, sealing of memtables, stalls. */
package io.lsmdb.internal.engine.write;
