package io.lsmdb.internal.table;

import io.lsmdb.CorruptionException;
import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.base.Crc32c;

/**
 * The frame around every block of a table: content, type, codec, size, checksum.
 *
 * <p>Stateless. The numbers are frozen; {@code docs/table-format.md} shows the layout.
 */
final class BlockTrailer {
  /** Type number of a data block. */
  static final int DATA = 1;

  /** Type number of a filter part. */
  static final int FILTER = 2;

  /** Type number of the index. */
  static final int INDEX = 3;

  /** Type number of the range tombstones; not written by this version. */
  static final int RANGE_TOMBSTONES = 4;

  /** Type number of the properties. */
  static final int PROPERTIES = 5;

  /** Bytes after the content. */
  static final int TRAILER_BYTES = 10;

  /** Largest content of a data block with several entries, in bytes. */
  static final int MAX_DATA_BYTES = 64 << 20;

  /** Largest content of a data block with one entry, in bytes. */
  static final int MAX_SINGLE_ENTRY_BYTES = (256 << 20) + (128 << 10);

  /** Largest content of an index, in bytes. */
  static final int MAX_INDEX_BYTES = 256 << 20;

  /** Largest content of a properties block, in bytes. */
  static final int MAX_PROPERTIES_BYTES = 1 << 20;

  /** LZ4 cannot expand a byte to more than this many. */
  private static final int MAX_EXPANSION = 255;

  private BlockTrailer() {}

  /**
   * Writes the trailer behind content that stands at the start of an array.
   *
   * @param bytes content and room for the trailer
   * @param contentLength bytes of (encoded) content
   * @param type type number
   * @param codec how the content is encoded
   * @param size bytes of content before encoding
   */
  static void frame(byte[] bytes, int contentLength, int type, BlockCodec codec, int size) {
    bytes[contentLength] = (byte) type;
    bytes[contentLength + 1] = (byte) codec.id();
    Bytes.putInt(bytes, contentLength + 2, size);
  }

  /**
   * Seals a framed block with its checksum.
   *
   * @param bytes the framed block
   * @param contentLength bytes of (encoded) content
   * @param contentId salt
   * @param position where the block goes in the file
   */
  static void seal(byte[] bytes, int contentLength, long contentId, long position) {
    int covered = contentLength + TRAILER_BYTES - 4;
    Bytes.putInt(bytes, covered, new Crc32c().compute(contentId, position, bytes, 0, covered));
  }

  /**
   * Checks a stored block.
   *
   * @param place which block, for checks and errors
   * @param from holds the stored block
   * @param offset where it starts
   * @return the size of its content, see {@link #decode}
   */
  static int check(Place place, byte[] from, int offset) {
    int end = offset + place.storedLength;
    int expected =
        new Crc32c().compute(place.contentId, place.position, from, offset, place.storedLength - 4);
    if (Bytes.getInt(from, end - 4) != expected) {
      throw place.corrupt("checksum mismatch of a block");
    }
    int length = place.storedLength - TRAILER_BYTES;
    if (from[offset + length] != place.type) {
      throw place.corrupt("a block of another type than expected");
    }
    int size = Bytes.getInt(from, end - 8);
    if (size < 0 || size > place.maxSize) {
      throw place.corrupt("impossible size of a block");
    }
    int codec = from[offset + length + 1];
    if (codec == BlockCodec.NONE.id()) {
      if (size != length) {
        throw place.corrupt("contradictory size of a block");
      }
    } else if (codec != BlockCodec.LZ4.id()) {
      throw place.corrupt("unknown codec of a block");
    } else if (size > (long) length * MAX_EXPANSION + 64) {
      throw place.corrupt("impossible size of a block");
    }
    return size;
  }

  /**
   * Whether a stored block's content stands there as it is.
   *
   * @param place which block
   * @param from holds the stored block
   * @param offset where it starts
   * @return false if it has to be decoded
   */
  static boolean isPlain(Place place, byte[] from, int offset) {
    return from[offset + place.storedLength - TRAILER_BYTES + 1] == BlockCodec.NONE.id();
  }

  /**
   * Decodes the content of a stored block.
   *
   * @param place which block, for errors
   * @param from holds the stored block
   * @param offset where it starts
   * @param content another array; begins with the content after that
   * @param size what {@link #check} returned, at most the length of that array
   */
  static void decode(Place place, byte[] from, int offset, byte[] content, int size) {
    int length = place.storedLength - TRAILER_BYTES;
    if (isPlain(place, from, offset)) {
      System.arraycopy(from, offset, content, 0, size);
    } else if (!Lz4Codec.instance().decompress(from, offset, length, content, size)) {
      throw place.corrupt("undecodable LZ4 block");
    }
  }

  /**
   * Which block is meant.
   *
   * @param file name for errors
   * @param contentId salt of the file
   * @param position where the block starts in the file
   * @param storedLength its length with trailer, at least {@link #TRAILER_BYTES}
   * @param type expected type number
   * @param maxSize cap on the decoded content in bytes
   */
  record Place(
      String file, long contentId, long position, int storedLength, int type, int maxSize) {
    CorruptionException corrupt(String problem) {
      return new CorruptionException(file, position, problem);
    }
  }
}
