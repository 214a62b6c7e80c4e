/** Reads: point lookups, user iterators, snapshots. */
package io.lsmdb.internal.engine.read;
