/** Fixtures for tests of code that uses lsmdb; {@link io.lsmdb.testing} is all of it. */
module io.lsmdb.testing {
  requires transitive io.lsmdb;

  exports io.lsmdb.testing;
}
