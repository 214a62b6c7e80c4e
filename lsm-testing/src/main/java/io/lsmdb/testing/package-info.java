/**
 * Fixtures for tests of code that uses lsmdb: crashes, failing disks, clocks, ordered background
 * work.
 *
 * <p>Start at {@link io.lsmdb.testing.SimulatedMachine}. The types that implement an internal
 * interface of the library ({@link io.lsmdb.testing.MemFileSystem}, {@link
 * io.lsmdb.testing.FaultyFileSystem}, {@link io.lsmdb.testing.SteppedExecutors}) are its parts.
 * They are public for the tests of the library itself.
 */
package io.lsmdb.testing;
