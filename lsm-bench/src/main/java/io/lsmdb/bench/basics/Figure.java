package io.lsmdb.bench.basics;

/** What the comparison measures, in the order of the report. */
enum Figure {
  PUT("put, buffered log"),
  PUT_ALL("put, all threads, flush and full compaction included"),
  GET("get, compacted, cached"),
  GET_MISSING("get, missing key, compacted"),
  MEMTABLE_GET("get, key in memtable"),
  MEMTABLE_OVERWRITE("put, key in memtable"),
  IDLE_FAMILY("idle family, bytes of heap");

  final String description;

  Figure(String description) {
    this.description = description;
  }
}
