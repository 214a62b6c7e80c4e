package io.lsmdb.internal.fs;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** The contract on the platform's own file system. */
class NioFileSystemContractTest extends FileSystemContract {
  @TempDir Path temp;

  @Override
  void open() {
    fs = new NioFileSystem();
    dir = temp;
  }
}
