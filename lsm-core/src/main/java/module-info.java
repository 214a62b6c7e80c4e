/** An embeddable LSM key-value library in pure Java; {@link io.lsmdb} is its API. */
module io.lsmdb {
  requires org.lz4.java;
  requires org.slf4j;

  exports io.lsmdb;
  exports io.lsmdb.operators;
  exports io.lsmdb.state;
}
