/**
 * One open store: the commit queue, reads, snapshots and cursors, background work, opening,
 * recovery and closing.
 *
 * <p>The only package that creates threads or reads a clock, both through {@link
 * io.lsmdb.internal.engine.Environment}. Reading orders are in ARCHITECTURE.md.
 */
package io.lsmdb.internal.engine;
