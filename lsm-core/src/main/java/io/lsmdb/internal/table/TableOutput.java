package io.lsmdb.internal.table;

import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.base.Crc32c;
import io.lsmdb.internal.fs.WritableFile;
import java.util.zip.CRC32C;

/**
 * The stored blocks of a table on their way to the file: framed, buffered, summed up.
 *
 * <p>Not thread-safe; owned by one table builder, which closes the file.
 */
final class TableOutput {
  private static final int BUFFER_BYTES = 128 << 10;
  private static final int MAX_KEPT_BYTES = 4 << 20;

  private final WritableFile file;
  private final long contentId;
  private final Lz4Codec.Compressor compressor; // null: none
  private final CRC32C fileChecksum = new CRC32C();
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private int buffered;
  private long position;
  private byte[] compressed = Bytes.EMPTY;

  TableOutput(WritableFile file, long contentId, BlockCodec compression) {
    this.file = file;
    this.contentId = contentId;
    compressor = compression == BlockCodec.LZ4 ? Lz4Codec.instance().newCompressor() : null;
  }

  /** Bytes written so far, buffered ones included. */
  long position() {
    return position;
  }

  /** Plain CRC32C of everything written so far. */
  int fileChecksum() {
    return (int) fileChecksum.getValue();
  }

  /**
   * Writes a block, compressed if that saves an eighth.
   *
   * @param content the content, with room for a trailer behind it
   * @param length its length
   * @param type type number
   * @return stored length
   */
  int writeBlock(byte[] content, int length, int type) {
    if (compressor != null && length > 0) {
      int room = Lz4Codec.bound(length) + BlockTrailer.TRAILER_BYTES;
      if (room > compressed.length) {
        compressed = new byte[room];
      }
      int n = compressor.compress(content, length, compressed);
      if (n <= length - (length >>> 3) - 1) {
        int stored = seal(compressed, n, type, BlockCodec.LZ4, length);
        if (compressed.length > MAX_KEPT_BYTES) {
          compressed = Bytes.EMPTY;
        }
        return stored;
      }
    }
    return writeRaw(content, length, type);
  }

  /**
   * Writes a block as it is.
   *
   * @param content the content, with room for a trailer behind it
   * @param length its length
   * @param type type number
   * @return stored length
   */
  int writeRaw(byte[] content, int length, int type) {
    return seal(content, length, type, BlockCodec.NONE, length);
  }

  /**
   * Writes a data block of one entry as it is, without a copy of its value.
   *
   * @param head what stands before the value
   * @param headLength its length
   * @param value holds the value
   * @param offset where it starts
   * @param length its length
   * @param end what stands behind the value, with room for a trailer behind it
   * @param endLength its length
   * @return stored length
   */
  int writeDataAround(
      byte[] head,
      int headLength,
      byte[] value,
      int offset,
      int length,
      byte[] end,
      int endLength) {
    int size = headLength + length + endLength;
    BlockTrailer.frame(end, endLength, BlockTrailer.DATA, BlockCodec.NONE, size);
    int covered = endLength + BlockTrailer.TRAILER_BYTES - 4;
    int checksum =
        new Crc32c()
            .begin()
            .add(head, 0, headLength)
            .add(value, offset, length)
            .add(end, 0, covered)
            .end(contentId, position);
    Bytes.putInt(end, covered, checksum);
    write(head, 0, headLength);
    write(value, offset, length);
    write(end, 0, covered + 4);
    return size + BlockTrailer.TRAILER_BYTES;
  }

  private int seal(byte[] bytes, int length, int type, BlockCodec codec, int size) {
    BlockTrailer.frame(bytes, length, type, codec, size);
    BlockTrailer.seal(bytes, length, contentId, position);
    int stored = length + BlockTrailer.TRAILER_BYTES;
    write(bytes, stored);
    return stored;
  }

  /**
   * Writes bytes without a frame.
   *
   * @param bytes holds them from its start
   * @param length how many
   */
  void write(byte[] bytes, int length) {
    write(bytes, 0, length);
  }

  private void write(byte[] bytes, int offset, int length) {
    fileChecksum.update(bytes, offset, length);
    position += length;
    if (length > buffer.length - buffered) {
      flush();
    }
    if (length >= buffer.length) {
      file.append(bytes, offset, length);
    } else {
      System.arraycopy(bytes, offset, buffer, buffered, length);
      buffered += length;
    }
  }

  /** Hands everything to the file and makes it durable. */
  void force() {
    flush();
    file.force();
  }

  private void flush() {
    if (buffered > 0) {
      file.append(buffer, 0, buffered);
      buffered = 0;
    }
  }
}
