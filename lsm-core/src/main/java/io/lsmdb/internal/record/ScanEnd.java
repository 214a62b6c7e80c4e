package io.lsmdb.internal.record;

import io.lsmdb.CorruptionException;

/**
 * The place where the records of a file end.
 *
 * <p>Immutable.
 *
 * @param offset behind the last intact record
 * @param verdict what this place means
 * @param problem what is wrong there, null for nothing
 * @param bytes that follow and are no records, zeros at the end of a file filled ahead not counted
 * @param proof why the problem is damage, null where it is not
 */
public record ScanEnd(long offset, Verdict verdict, String problem, long bytes, String proof) {

  /** Meaning of the end of a file's records. */
  public enum Verdict {
    /** The file ends with an end record. */
    CLOSED,
    /** The file ends with another record. */
    OPEN,
    /** Something follows that was never known to be durable; it may be cut. */
    TORN,
    /** Something was durable and is not intact, or no crash explains what is there. */
    DAMAGED
  }

  /**
   * Tells whether anything is wrong.
   *
   * @return whether the verdict is {@link Verdict#TORN} or {@link Verdict#DAMAGED}
   */
  public boolean isBreak() {
    return problem != null;
  }

  /**
   * The exception for damage.
   *
   * @param file its path
   * @return to be thrown
   */
  public CorruptionException corruption(String file) {
    return new CorruptionException(file, offset, problem + " (" + proof + ")");
  }
}
