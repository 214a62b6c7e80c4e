package io.lsmdb.internal.base;

/**
 * The identity of one open store, compared by reference.
 *
 * <p>Immutable. Refers to no part of the store, so that a batch that outlives the store keeps none
 * of it in memory. Each opening has a token of its own, of the same directory as well.
 */
public final class StoreToken {
  private final String directory;

  /**
   * Makes the token of an opening.
   *
   * @param directory of the store, for messages
   */
  public StoreToken(String directory) {
    this.directory = directory;
  }

  /**
   * Names the store for messages.
   *
   * @return such as "the store in /data/state"
   */
  @Override
  public String toString() {
    return "the store in " + directory;
  }
}
