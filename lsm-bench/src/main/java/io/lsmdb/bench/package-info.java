/** The command line of the benchmarks and of the demo. */
package io.lsmdb.bench;
