package io.lsmdb.bench;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.stream.Stream;

/** What the programs of this module do with a store's directory as a whole. Stateless. */
public final class Directories {
  private Directories() {}

  /**
   * Whether a directory has no entries.
   *
   * @param directory exists
   * @return true if empty
   * @throws IOException if it is not a directory, or cannot be read
   */
  public static boolean isEmpty(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.findAny().isEmpty();
    }
  }

  /**
   * The length of all files.
   *
   * @param directory exists
   * @return bytes
   * @throws IOException if it cannot be read
   */
  public static long size(Path directory) throws IOException {
    long[] bytes = {0};
    Files.walkFileTree(
        directory,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            bytes[0] += attributes.size();
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
            if (e instanceof NoSuchFileException) {
              // Deleted by the store meanwhile.
              return FileVisitResult.CONTINUE;
            }
            throw e;
          }
        });
    return bytes[0];
  }

  /**
   * Removes everything inside a directory, following no links.
   *
   * @param directory exists, and stays
   * @throws IOException if something cannot be removed
   */
  public static void clear(Path directory) throws IOException {
    Files.walkFileTree(
        directory,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path dir, IOException e) throws IOException {
            if (e != null) {
              throw e;
            }
            if (!dir.equals(directory)) {
              Files.delete(dir);
            }
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /**
   * Removes a directory with everything inside.
   *
   * @param directory exists
   * @throws IOException if something cannot be removed
   */
  public static void delete(Path directory) throws IOException {
    clear(directory);
    Files.delete(directory);
  }
}
