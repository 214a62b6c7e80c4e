package io.lsmdb.internal.base;

import java.util.zip.CRC32C;

/**
 * Checksums that cover place: CRC32C of the bytes, xored with a mask drawn from a salt and a
 * position, so that the right bytes in the wrong file or at the wrong offset fail as well.
 *
 * <p>Not thread-safe; one per writer or per call (the JIT removes the allocation where it does not
 * escape). Always computed on heap arrays: a fault while reading a mapping cannot reach it. CRC32C
 * is the JDK's, which uses the processor's instruction.
 */
public final class Crc32c {
  private final CRC32C crc = new CRC32C();

  /**
   * Computes the checksum of a range.
   *
   * @param salt random number of the file
   * @param position where the range belongs in the file
   * @param bytes holds the range
   * @param offset where it starts
   * @param length its length in bytes
   * @return the masked checksum
   */
  public int compute(long salt, long position, byte[] bytes, int offset, int length) {
    return begin().add(bytes, offset, length).end(salt, position);
  }

  /**
   * Begins the checksum of a range that consists of several pieces.
   *
   * @return this, for {@link #add} and {@link #end}
   */
  public Crc32c begin() {
    crc.reset();
    return this;
  }

  /**
   * Adds the next piece.
   *
   * @param bytes holds the piece
   * @param offset where it starts
   * @param length its length in bytes
   * @return this
   */
  public Crc32c add(byte[] bytes, int offset, int length) {
    crc.update(bytes, offset, length);
    return this;
  }

  /**
   * Ends the checksum of a range that consists of several pieces.
   *
   * @param salt random number of the file
   * @param position where the range belongs in the file
   * @return the masked checksum, as {@link #compute} gives it
   */
  public int end(long salt, long position) {
    return (int) crc.getValue() ^ mask(salt, position);
  }

  /**
   * The mask of a place.
   *
   * @param salt random number of the file
   * @param position where the range belongs in the file
   * @return 32 well-mixed bits
   */
  public static int mask(long salt, long position) {
    long mixed = Hash.mix(salt, position);
    return (int) (mixed ^ (mixed >>> 32));
  }
}
