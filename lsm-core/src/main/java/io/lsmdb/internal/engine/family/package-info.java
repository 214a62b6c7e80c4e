/**
 * One column family: memtables, read state, clock, counters, and the sequences that pin its
 * versions.
 */
package io.lsmdb.internal.engine.family;
