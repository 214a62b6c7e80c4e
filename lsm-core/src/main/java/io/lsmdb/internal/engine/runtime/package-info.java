/**
 * The surroundings of an open store: clocks, threads, the read gate, locks, failures, leaks.
 *
 * <p>The only package that creates threads or reads a clock, both through {@link
 * io.lsmdb.internal.engine.runtime.Environment}.
 */
package io.lsmdb.internal.engine.runtime;
