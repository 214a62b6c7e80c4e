/**
 * One open store: opening, recovery, wiring, closing, and the public methods.
 *
 * <p>Only this package knows {@code EngineContext}. The parts that it wires live in the packages
 * below it, and each of these uses only those that follow: {@code background}, {@code write},
 * {@code read}, {@code family}, {@code runtime}. Reading orders are in ARCHITECTURE.md.
 */
package io.lsmdb.internal.engine;
