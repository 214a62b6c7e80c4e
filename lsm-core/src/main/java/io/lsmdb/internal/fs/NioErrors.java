package io.lsmdb.internal.fs;

import io.lsmdb.StorageException;
import io.lsmdb.StorageException.Reason;
import java.io.File;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;

/**
 * The translation of the platform's failures into {@link StorageException}.
 *
 * <p>The platform reports most failures as text only. The English texts of Linux, macOS and Windows
 * are known here; where the text is unknown, as in another language, a device without any space
 * left counts as full. Stateless.
 */
final class NioErrors {
  /** Less usable space than this makes an unexplained failure a full disk. Bytes. */
  private static final long NO_SPACE_BYTES = 8192;

  private record Text(String part, Reason reason) {}

  private static final List<Text> TEXTS =
      List.of(
          new Text("No space left on device", Reason.DISK_FULL),
          new Text("not enough space on the disk", Reason.DISK_FULL),
          new Text("Disk quota exceeded", Reason.DISK_FULL),
          new Text("Permission denied", Reason.ACCESS_DENIED),
          new Text("Access is denied", Reason.ACCESS_DENIED),
          new Text("Operation not permitted", Reason.ACCESS_DENIED),
          new Text("Read-only file system", Reason.ACCESS_DENIED),
          new Text("No such file or directory", Reason.NOT_FOUND),
          new Text("cannot find the", Reason.NOT_FOUND),
          new Text("File exists", Reason.ALREADY_EXISTS),
          new Text("Invalid cross-device link", Reason.CROSS_DEVICE),
          new Text("Cross-device link", Reason.CROSS_DEVICE),
          new Text("to a different disk drive", Reason.CROSS_DEVICE),
          new Text("Too many levels of symbolic links", Reason.WRONG_FILE_TYPE),
          new Text("Not a directory", Reason.WRONG_FILE_TYPE),
          new Text("Is a directory", Reason.WRONG_FILE_TYPE));

  private NioErrors() {}

  /**
   * Turns a failure of an operation that does not need space into the library's type.
   *
   * @param operation what was attempted, as a verb phrase
   * @param file the file concerned
   * @param failure the platform's report
   * @return to be thrown
   */
  static StorageException translate(String operation, Path file, IOException failure) {
    return new StorageException(operation, file.toString(), reasonOf(failure), failure);
  }

  /**
   * Turns a failure of an operation that may need space into the library's type.
   *
   * @param operation what was attempted, as a verb phrase
   * @param file the file concerned
   * @param failure the platform's report
   * @return to be thrown
   */
  static StorageException translateWrite(String operation, Path file, IOException failure) {
    Reason reason = reasonOf(failure);
    if (reason == Reason.IO && noSpaceBeside(file)) {
      reason = Reason.DISK_FULL;
    }
    return new StorageException(operation, file.toString(), reason, failure);
  }

  /**
   * Turns a failure to make a hard link into the library's type: where the platform or the file
   * system knows no links, the reason is {@link Reason#CROSS_DEVICE}, so that callers copy instead.
   *
   * @param file the new name
   * @param failure the platform's report
   * @return to be thrown
   */
  static StorageException translateLink(Path file, IOException failure) {
    String text = String.valueOf(failure.getMessage());
    boolean unsupported =
        text.contains("Operation not permitted")
            || text.contains("Operation not supported")
            || text.contains("Function not implemented")
            || text.contains("Too many links");
    Reason reason = unsupported ? Reason.CROSS_DEVICE : reasonOf(failure);
    return new StorageException("link", file.toString(), reason, failure);
  }

  static StorageException wrongType(String operation, Path file) {
    return new StorageException(operation, file.toString(), Reason.WRONG_FILE_TYPE, null);
  }

  private static Reason reasonOf(IOException failure) {
    if (failure instanceof NoSuchFileException) {
      return Reason.NOT_FOUND;
    }
    if (failure instanceof FileAlreadyExistsException) {
      return Reason.ALREADY_EXISTS;
    }
    if (failure instanceof AccessDeniedException) {
      return Reason.ACCESS_DENIED;
    }
    if (failure instanceof AtomicMoveNotSupportedException) {
      return Reason.CROSS_DEVICE;
    }
    if (failure instanceof NotDirectoryException || failure instanceof FileSystemLoopException) {
      return Reason.WRONG_FILE_TYPE;
    }
    String message = String.valueOf(failure.getMessage());
    for (Text text : TEXTS) {
      if (message.contains(text.part())) {
        return text.reason();
      }
    }
    return Reason.IO;
  }

  private static boolean noSpaceBeside(Path file) {
    Path parent = file.toAbsolutePath().getParent();
    if (parent == null) {
      return false;
    }
    File directory = parent.toFile();
    return directory.getTotalSpace() > 0 && directory.getUsableSpace() < NO_SPACE_BYTES;
  }
}
