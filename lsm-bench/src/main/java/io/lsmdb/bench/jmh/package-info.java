/**
 * JMH benchmarks of single operations: put, get, scan, seek.
 *
 * <p>Keys of 16 bytes, values of 100 bytes, as in the comparison with other stores.
 */
package io.lsmdb.bench.jmh;
