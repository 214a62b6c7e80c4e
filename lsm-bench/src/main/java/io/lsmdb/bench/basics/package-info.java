/**
 * The comparison of the basic operations with RocksDB through JNI, in the same run.
 *
 * <p>Reading order: {@link io.lsmdb.bench.basics.CompareBasicsCommand} starts one JVM per engine
 * and round, which runs {@link io.lsmdb.bench.basics.BasicsWorker}.
 */
package io.lsmdb.bench.basics;
