/**
 * JMH benchmarks: of the parts of the library by themselves, and of single operations of a store.
 *
 * <p>Keys of 16 bytes, values of 100 bytes, as in the comparison with other stores.
 */
package io.lsmdb.bench.jmh;
