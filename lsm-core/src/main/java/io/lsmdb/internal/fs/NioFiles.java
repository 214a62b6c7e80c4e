package io.lsmdb.internal.fs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/** Steps that the file system shares with the files that it opens. Stateless. */
final class NioFiles {
  private NioFiles() {}

  /** Reads the attributes of what must be a regular file, without opening or following it. */
  static BasicFileAttributes requireRegular(String operation, Path file) throws IOException {
    BasicFileAttributes attributes = attributesOf(file);
    if (!attributes.isRegularFile()) {
      throw NioErrors.wrongType(operation, file);
    }
    return attributes;
  }

  /** Gives an interrupt status back that was taken away for the time of an operation. */
  static void restoreInterrupt(boolean interrupted) {
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** The attributes of a file itself, not of what a link names. */
  static BasicFileAttributes attributesOf(Path file) throws IOException {
    return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
  }
}
