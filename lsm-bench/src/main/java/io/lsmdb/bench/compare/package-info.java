/**
 * The comparison of this library with its peers, on the reader's own machine.
 *
 * <p>Reading order: {@link io.lsmdb.bench.compare.CompareCommand} starts one JVM per engine and
 * round, which runs {@link io.lsmdb.bench.compare.Worker}. That opens stores through {@link
 * io.lsmdb.bench.compare.BenchEngine}, lets {@link io.lsmdb.bench.compare.Workloads} make the
 * operations of each {@link io.lsmdb.bench.compare.Workload}, and takes figures with {@link
 * io.lsmdb.bench.compare.Measurement}. {@link io.lsmdb.bench.compare.Results} gathers them for the
 * reports.
 */
package io.lsmdb.bench.compare;
