/** An embeddable LSM key-value library in pure Java; {@link io.lsmdb} is its API. */
@SuppressWarnings("module") // io.lsmdb.testing is built after this one
module io.lsmdb {
  requires org.lz4.java;
  requires org.slf4j;
  requires static com.google.errorprone.annotations;
  requires transitive static org.jspecify;

  exports io.lsmdb;
  exports io.lsmdb.operators;
  exports io.lsmdb.state;

  // What a store is put on in tests.
  exports io.lsmdb.internal.engine to
      io.lsmdb.testing;
  exports io.lsmdb.internal.engine.runtime to
      io.lsmdb.testing;
  exports io.lsmdb.internal.fs to
      io.lsmdb.testing;
}
