package io.lsmdb.power;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Starts a file system from an image of its device, as after a power loss. Stateless. */
final class CrashedDisk {
  private CrashedDisk() {}

  /**
   * Mounts an image, which makes the file system recover its journal, and copies the store out of
   * it. The copy lies where syncing costs little, and keeps no mount busy.
   *
   * @param image the content of the device
   * @param work a directory for files of this class
   * @return the directory of the copy, until the next call with the same work directory
   */
  static Path recover(byte[] image, Path work) throws IOException {
    Path root = Files.createDirectories(work.resolve("image"));
    Path file = Files.write(work.resolve("image.ext4"), image);
    Path copy = Files.createDirectories(work.resolve("copy"));
    for (Path old : files(copy)) {
      Files.delete(old);
    }
    try (UndoStack undo = new UndoStack()) {
      Mounts.mount(file, root, "loop,noatime");
      undo.add(() -> Mounts.unmount(root));
      for (Path original : files(RecordedDisk.store(root))) {
        Files.copy(original, copy.resolve(original.getFileName()));
      }
    }
    return copy;
  }

  private static List<Path> files(Path directory) throws IOException {
    try (Stream<Path> list = Files.list(directory)) {
      return list.toList();
    }
  }
}
