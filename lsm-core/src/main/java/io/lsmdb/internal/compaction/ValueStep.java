package io.lsmdb.internal.compaction;

/** Something that may shorten, change or drop the value of a put that is being rewritten. */
interface ValueStep {
  /**
   * Decides on a put.
   *
   * @param key holds the user key, from offset 0 on
   * @param keyLength its length in bytes
   * @param trailer sequence and kind
   * @param value holds the stored value
   * @param offset where that starts
   * @param length its length in bytes
   * @return the trailer of what takes the entry's place: a tombstone where it was dropped
   */
  long apply(byte[] key, int keyLength, long trailer, byte[] value, int offset, int length);

  /**
   * What the last decision was.
   *
   * @return the stored value that takes the entry's place; null if that is as it was
   */
  byte[] replacement();
}
