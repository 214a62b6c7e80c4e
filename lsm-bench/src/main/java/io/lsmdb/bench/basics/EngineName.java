package io.lsmdb.bench.basics;

/** The engines, named as on the command line and in the report. */
enum EngineName {
  lsmdb,
  rocksdb;

  /** Loads the engine's classes only when it is opened. */
  Engine.Opener opener() {
    return switch (this) {
      case lsmdb -> LsmdbEngine::new;
      case rocksdb -> RocksEngine::new;
    };
  }
}
