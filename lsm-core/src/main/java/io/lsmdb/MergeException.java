package io.lsmdb;

/**
 * A merge operator threw, or gave an impossible result.
 *
 * <p>The operands stay in the store. What to do: mend the operator so that it gives a value for
 * what it was handed, and read again; after a failed flush or compaction, close and reopen the
 * store.
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
   * @param cause what the operator threw, or null
   */
  public MergeException(
      String message, String operator, String family, byte[] key, Throwable cause) {
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
