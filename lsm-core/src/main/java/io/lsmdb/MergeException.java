package io.lsmdb;

import org.jspecify.annotations.Nullable;

/**
 * A merge operator threw, ran out of memory, or gave an impossible result for one key.
 *
 * <p>The operands stay in the store, and all other keys are as usable as before. What to do: mend
 * the operator so that it gives a value for what it was handed, and read again; or put or delete
 * the key.
 */
public class MergeException extends DbException {
  private static final long serialVersionUID = 1L;

  private final String operator;
  private final String family;

  @SuppressWarnings("serial") // an array of bytes
  private final byte[] key;

  /**
   * Creates an exception.
   *
   * @param message what happened and what to do
   * @param operator name of the operator
   * @param family name of the column family
   * @param key the key whose operands were folded; copied
   * @param cause what the operator threw; null if it was not called for there was too much to fold
   */
  public MergeException(
      String message, String operator, String family, byte[] key, @Nullable Throwable cause) {
    super(message, cause);
    this.operator = operator;
    this.family = family;
    this.key = key.clone();
  }

  /**
   * Which operator failed.
   *
   * @return its name
   */
  public String operator() {
    return operator;
  }

  /**
   * Where it failed.
   *
   * @return name of the column family
   */
  public String family() {
    return family;
  }

  /**
   * Whose operands it was folding.
   *
   * @return a copy of the key
   */
  public byte[] key() {
    return key.clone();
  }
}
