package io.lsmdb.internal.compaction;

/** Tells whether data older than the input of a flush or compaction exists. */
@FunctionalInterface
public interface OlderData {
  /** Assumes that it does. */
  OlderData ALWAYS = (key, offset, length) -> true;

  /**
   * Whether some version of a key may lie below the input. Keys are asked in ascending order.
   *
   * @param key holds the user key
   * @param offset where it starts
   * @param length its length
   * @return false only if there is none for certain
   */
  boolean mayHold(byte[] key, int offset, int length);
}
