package io.lsmdb.internal.base;

/**
 * What a point lookup found in one memtable or table: the newest version at or below the sequence
 * searched for.
 *
 * <p>Not thread-safe; one per call. The array belongs to the source and must not be written to.
 */
public final class LookupResult {
  /** Sequence and kind of the version found. */
  public long trailer;

  /** Holds the value. */
  public byte[] valueArray = Bytes.EMPTY;

  /** Where the value starts. */
  public int valueOffset;

  /** Length of the value in bytes. */
  public int valueLength;

  /** For the memtable that found the version: where it is, to go on to older ones from there. */
  public long place;

  /** Creates an empty result. */
  public LookupResult() {}

  /**
   * Records what was found.
   *
   * @param foundTrailer sequence and kind
   * @param array holds the value
   * @param offset where it starts
   * @param length its length
   */
  public void set(long foundTrailer, byte[] array, int offset, int length) {
    trailer = foundTrailer;
    valueArray = array;
    valueOffset = offset;
    valueLength = length;
  }
}
