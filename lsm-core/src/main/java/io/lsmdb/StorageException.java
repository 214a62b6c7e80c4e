package io.lsmdb;

import org.jspecify.annotations.Nullable;

/**
 * The file system refused an operation: no space, no permission, a file that is missing or of the
 * wrong kind, or an input/output error.
 *
 * <p>Every failure of the operating system is turned into this type exactly once, where the library
 * calls the file system.
 */
public class StorageException extends DbException {
  private static final long serialVersionUID = 1L;

  /** Why the operation failed, as far as the operating system tells. */
  public enum Reason {
    /** No space is left, or a quota is used up: free some space; writes resume by themselves. */
    DISK_FULL,
    /** The process may not do this: check owner and permissions. */
    ACCESS_DENIED,
    /** The file or directory does not exist. */
    NOT_FOUND,
    /** The file exists although it must not. */
    ALREADY_EXISTS,
    /** A directory stands where a file must be, the other way round, or it is a special file. */
    WRONG_FILE_TYPE,
    /** The two paths are on different file systems, or links are not supported. */
    CROSS_DEVICE,
    /** The device or the operating system failed. */
    IO
  }

  private final String file;
  private final Reason reason;

  /**
   * Creates an exception.
   *
   * @param operation what was attempted, as a verb phrase such as "append to"
   * @param file the file or directory concerned
   * @param reason why it failed
   * @param cause the operating system's own report, or null
   */
  public StorageException(String operation, String file, Reason reason, @Nullable Throwable cause) {
    super(
        "cannot "
            + operation
            + " "
            + file
            + ": "
            + describe(reason)
            + (cause == null || cause.getMessage() == null ? "" : " (" + cause.getMessage() + ")"),
        cause);
    this.file = file;
    this.reason = reason;
  }

  private static String describe(Reason reason) {
    return switch (reason) {
      case DISK_FULL -> "no space left on the device; free some space";
      case ACCESS_DENIED -> "access denied; check owner and permissions";
      case NOT_FOUND -> "no such file or directory; check the path";
      case ALREADY_EXISTS -> "it already exists; move it away, or use another path";
      case WRONG_FILE_TYPE ->
          "a file stands where a directory must be, a directory where a file must be, or a special"
              + " file; move it away, or use another path";
      case CROSS_DEVICE -> "not possible across file systems, or not supported by this one";
      case IO -> "input/output error; check the device";
    };
  }

  /**
   * The file or directory concerned.
   *
   * @return a path, never null
   */
  public String file() {
    return file;
  }

  /**
   * Why the operation failed.
   *
   * @return the reason, never null
   */
  public Reason reason() {
    return reason;
  }
}
