package io.lsmdb.internal.table;

import io.lsmdb.CorruptionException;
import io.lsmdb.internal.base.StripedPool;
import io.lsmdb.internal.fs.ReadableFile;
import java.util.function.IntFunction;

/**
 * Reads stored blocks of one table file.
 *
 * <p>Thread-safe. Owned by a table reader, which closes the file.
 */
final class BlockSource {
  /** Blocks up to this size are read into an array that is used again. */
  private static final int SCRATCH_BYTES = 64 << 10;

  private static final StripedPool<byte[]> SCRATCH =
      new StripedPool<>(() -> new byte[SCRATCH_BYTES]);

  private final ReadableFile file;
  private final String fileName;
  private final Footer footer;
  private final ShardedBlockCache cache;

  BlockSource(ReadableFile file, String fileName, Footer footer, ShardedBlockCache cache) {
    this.file = file;
    this.fileName = fileName;
    this.footer = footer;
    this.cache = cache;
  }

  /** Reads the footer of a table file, which must be of the expected size. */
  static Footer readFooter(ReadableFile file, String fileName, OpenContext context) {
    long size = file.size();
    if (context.expectedSize() >= 0 && size != context.expectedSize()) {
      throw new CorruptionException(
          fileName, -1, "size " + size + " instead of " + context.expectedSize() + " bytes");
    }
    if (size < Footer.BYTES) {
      throw new CorruptionException(fileName, 0, "not a table, or one cut short,");
    }
    byte[] bytes = new byte[Footer.BYTES];
    read(file, fileName, size - Footer.BYTES, bytes, Footer.BYTES);
    Footer footer = Footer.decode(bytes, size, fileName);
    if (context.expectedContentId() != TableIdentity.ANY_CONTENT_ID
        && context.expectedContentId() != footer.contentId()) {
      throw new CorruptionException(fileName, size - Footer.BYTES, "another table's content");
    }
    return footer;
  }

  TableProperties readProperties() {
    BlockTrailer.Place place =
        place(
            footer.propertiesPosition(),
            footer.propertiesLength(),
            BlockTrailer.PROPERTIES,
            BlockTrailer.MAX_PROPERTIES_BYTES);
    Content content = readContent(place, byte[]::new);
    TableProperties properties =
        TableProperties.decode(content.bytes, content.size, fileName, place.position());
    boolean hasPrefixes = properties.prefixLength() > 0;
    if (hasPrefixes && footer.filterLines() == 0 || !hasPrefixes && !footer.hasWholeKeys()) {
      throw place.corrupt("a prefix length that contradicts the footer");
    }
    return properties;
  }

  IndexBlock readIndex() {
    BlockTrailer.Place place =
        place(
            footer.indexPosition(),
            footer.indexLength(),
            BlockTrailer.INDEX,
            BlockTrailer.MAX_INDEX_BYTES);
    Content content = readContent(place, byte[]::new);
    return IndexBlock.decode(place, footer, content.bytes, content.size);
  }

  BloomFilter readFilterPart(int part) {
    int size = footer.filterPartLines(part) * BloomFilter.LINE_BYTES;
    BlockTrailer.Place place =
        place(
            footer.filterPartPosition(part),
            size + BlockTrailer.TRAILER_BYTES,
            BlockTrailer.FILTER,
            size);
    Content content = readContent(place, byte[]::new);
    if (content.size != size) {
      throw place.corrupt("impossible size of a filter part");
    }
    return new BloomFilter(content.bytes, size);
  }

  DataBlock readData(IndexBlock index, int block) {
    BlockTrailer.Place place = dataPlace(index, block);
    Content content = readContent(place, cache::takeFrame);
    return new DataBlock(place, content.bytes, content.size);
  }

  BlockTrailer.Place dataPlace(IndexBlock index, int block) {
    return place(
        index.offset(block),
        index.storedLength(block),
        BlockTrailer.DATA,
        BlockTrailer.MAX_SINGLE_ENTRY_BYTES);
  }

  /** Reads raw bytes; fewer than wanted are corruption. */
  void read(long position, byte[] to, int length) {
    read(file, fileName, position, to, length);
  }

  private BlockTrailer.Place place(long position, int storedLength, int type, int maxSize) {
    return new BlockTrailer.Place(
        fileName, footer.contentId(), position, storedLength, type, maxSize);
  }

  private Content readContent(BlockTrailer.Place place, IntFunction<byte[]> frames) {
    int stored = place.storedLength();
    // An encoding that does not save anything is not used, so the cap holds for stored content too.
    if (stored - BlockTrailer.TRAILER_BYTES > place.maxSize()) {
      throw place.corrupt("impossible length of a block");
    }
    byte[] scratch = stored <= SCRATCH_BYTES ? SCRATCH.take() : null;
    if (scratch == null) {
      byte[] bytes = new byte[stored];
      int size = readChecked(place, bytes);
      return BlockTrailer.isPlain(place, bytes, 0)
          ? new Content(bytes, size)
          : decode(place, bytes, size, frames);
    }
    try {
      return decode(place, scratch, readChecked(place, scratch), frames);
    } finally {
      SCRATCH.give(scratch);
    }
  }

  /** Reads a block as stored; returns the size of its content. */
  private int readChecked(BlockTrailer.Place place, byte[] stored) {
    read(file, fileName, place.position(), stored, place.storedLength());
    return BlockTrailer.check(place, stored, 0);
  }

  private static Content decode(
      BlockTrailer.Place place, byte[] stored, int size, IntFunction<byte[]> frames) {
    byte[] content = frames.apply(size);
    BlockTrailer.decode(place, stored, 0, content, size);
    return new Content(content, size);
  }

  private static void read(
      ReadableFile file, String fileName, long position, byte[] to, int length) {
    int n = file.read(position, to, 0, length);
    if (n < length) {
      throw new CorruptionException(fileName, position, "unexpected end of file");
    }
  }

  /** Decoded content: the first {@code size} bytes of an array. */
  private static final class Content {
    final byte[] bytes;
    final int size;

    Content(byte[] bytes, int size) {
      this.bytes = bytes;
      this.size = size;
    }
  }
}
