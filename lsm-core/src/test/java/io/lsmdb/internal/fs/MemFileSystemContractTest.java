package io.lsmdb.internal.fs;

import io.lsmdb.testing.MemFileSystem;
import java.nio.file.Path;

/** The contract on the file system in memory. */
class MemFileSystemContractTest extends FileSystemContract {
  @Override
  void open() {
    fs = new MemFileSystem();
    dir = Path.of("/mem/db");
    fs.createDirectories(dir);
  }
}
