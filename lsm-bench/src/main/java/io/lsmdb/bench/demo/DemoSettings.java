package io.lsmdb.bench.demo;

import io.lsmdb.Db;
import io.lsmdb.DbOptions;
import io.lsmdb.WriteOptions;
import java.io.IOException;
import java.nio.file.Path;

/**
 * What a run of the demo is told. Immutable.
 *
 * @param input opens the stream, told about malformed lines
 * @param inputName the input as the report names it
 * @param options of the store
 * @param durability of all writes
 * @param store opens the store
 * @param terminal whether the report goes to a terminal
 */
record DemoSettings(
    Input input,
    String inputName,
    DbOptions options,
    WriteOptions durability,
    StoreOpener store,
    boolean terminal) {

  /** Opens the stream of events. */
  @FunctionalInterface
  interface Input {
    Purchases open(MalformedLines malformed) throws IOException;
  }

  /** Opens a store; {@link Db#open(Path, DbOptions)} outside of tests. */
  @FunctionalInterface
  interface StoreOpener {
    Db open(Path directory, DbOptions options);
  }
}
