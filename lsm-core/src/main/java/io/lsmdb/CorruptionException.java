package io.lsmdb;

import org.jspecify.annotations.Nullable;

/**
 * A file of the store does not hold what was written to it: a checksum failed, a length is
 * impossible, or a file is missing, foreign or of an unknown format version.
 *
 * <p>What to do: restore the named file from a backup or replica. Reads of other files keep
 * working. The message never contains keys or values.
 */
public class CorruptionException extends DbException {
  private static final long serialVersionUID = 1L;

  private final String file;
  private final long offset;

  /**
   * Creates an exception.
   *
   * @param file the damaged file, as a path or a file name
   * @param offset byte offset in the file at which the damage was noticed, or -1 when unknown
   * @param problem what is wrong there
   */
  public CorruptionException(String file, long offset, String problem) {
    this(file, offset, problem, null);
  }

  /**
   * Creates an exception with a cause.
   *
   * @param file the damaged file, as a path or a file name
   * @param offset byte offset in the file at which the damage was noticed, or -1 when unknown
   * @param problem what is wrong there
   * @param cause the failure that revealed the damage, or null
   */
  public CorruptionException(String file, long offset, String problem, @Nullable Throwable cause) {
    super(
        problem
            + " in "
            + file
            + (offset >= 0 ? " at offset " + offset : "")
            + "; restore the file from a backup or a replica",
        cause);
    this.file = file;
    this.offset = offset;
  }

  /**
   * The damaged file.
   *
   * @return a path or file name, never null
   */
  public String file() {
    return file;
  }

  /**
   * Where the damage was noticed.
   *
   * @return the byte offset, or -1 when unknown
   */
  public long offset() {
    return offset;
  }
}
