package io.lsmdb.internal.key;

import io.lsmdb.internal.base.BatchEncoder;
import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.base.ValueKind;
import java.util.Arrays;

/**
 * A user key with its trailer: sequence number (56 bits) shifted left by eight, or'ed with the
 * kind.
 *
 * <p>Immutable; the array is owned by the key and must not be changed. Internal keys order by user
 * key as unsigned bytes, then by trailer descending, so that the newest version comes first. Hot
 * paths use the static methods on (array, offset, length, trailer) instead of objects.
 *
 * @param userKey the user's key
 * @param trailer sequence and kind
 */
public record InternalKey(byte[] userKey, long trailer) implements Comparable<InternalKey> {
  /** The largest sequence number: 2^56 - 1. */
  public static final long MAX_SEQUENCE = (1L << 56) - 1;

  /** Longest user key in bytes. */
  public static final int MAX_KEY_LENGTH = BatchEncoder.MAX_KEY_LENGTH;

  /** Longest value in bytes. */
  public static final int MAX_VALUE_LENGTH = BatchEncoder.MAX_VALUE_LENGTH;

  /**
   * Packs a trailer.
   *
   * @param sequence 0 to {@link #MAX_SEQUENCE}
   * @param kind a {@link ValueKind} number
   * @return the trailer, to be compared as unsigned
   */
  public static long trailer(long sequence, int kind) {
    return sequence << 8 | kind;
  }

  /**
   * The trailer with which a search finds the newest version at or below a sequence.
   *
   * @param sequence the newest sequence to be seen
   * @return a trailer that sorts before each entry of the same key with that or a lower sequence
   */
  public static long searchTrailer(long sequence) {
    return sequence << 8 | ValueKind.MAX;
  }

  /**
   * The sequence number of a trailer.
   *
   * @param trailer a trailer
   * @return 0 to {@link #MAX_SEQUENCE}
   */
  public static long sequence(long trailer) {
    return trailer >>> 8;
  }

  /**
   * The kind of a trailer.
   *
   * @param trailer a trailer
   * @return its low byte
   */
  public static int kind(long trailer) {
    return (int) trailer & 0xFF;
  }

  /**
   * Compares two internal keys given in parts.
   *
   * @param a holds the first user key
   * @param aOffset where it starts
   * @param aLength its length
   * @param aTrailer its trailer
   * @param b holds the second user key
   * @param bOffset where it starts
   * @param bLength its length
   * @param bTrailer its trailer
   * @return negative when the first sorts before the second, zero when equal, positive otherwise
   */
  public static int compare(
      byte[] a,
      int aOffset,
      int aLength,
      long aTrailer,
      byte[] b,
      int bOffset,
      int bLength,
      long bTrailer) {
    int order = Bytes.compare(a, aOffset, aLength, b, bOffset, bLength);
    return order != 0 ? order : Long.compareUnsigned(bTrailer, aTrailer);
  }

  /**
   * The sequence number.
   *
   * @return 0 to {@link #MAX_SEQUENCE}
   */
  public long sequence() {
    return sequence(trailer);
  }

  @Override
  public int compareTo(InternalKey other) {
    return compare(
        userKey, 0, userKey.length, trailer, other.userKey, 0, other.userKey.length, other.trailer);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof InternalKey key
        && trailer == key.trailer
        && Arrays.equals(userKey, key.userKey);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(userKey) * 31 + Long.hashCode(trailer);
  }

  @Override
  public String toString() {
    return "InternalKey["
        + userKey.length
        + " bytes, sequence "
        + sequence()
        + ", kind "
        + kind(trailer)
        + "]";
  }
}
