package io.lsmdb.internal.table;

import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.base.Hash;
import io.lsmdb.internal.base.ValueKind;
import io.lsmdb.internal.fs.WritableFile;
import io.lsmdb.internal.key.InternalKey;
import java.util.Arrays;

/**
 * Writes one table file from entries in ascending order.
 *
 * <p>Not thread-safe. Created by whoever writes the table, who also closes it. It owns the file
 * from the start and closes it; the file's directory entry is the caller's to make durable, or to
 * delete when the builder was closed without {@link #finish()}.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>Entries ascend strictly as internal keys.
 *   <li>Nothing is a table until {@link #finish()} has returned: the footer comes last.
 *   <li>After a failure only {@link #close()} may be called.
 * </ol>
 */
public final class TableBuilder implements AutoCloseable {
  /**
   * Entries of more bytes are written without a copy, as blocks of their own that are not
   * compressed: copies and the output of a compressor would take three times as much memory again.
   */
  private static final int LARGE_ENTRY_BYTES =
      (int) Math.max(1 << 20, Math.min(64 << 20, Runtime.getRuntime().maxMemory() / 128));

  private final int largeEntryBytes;
  private final WritableFile file;
  private final String fileName;
  private final TableFormat format;
  private final TableIdentity id;
  private final long creationTimeMillis;
  private final TableOutput output;
  private final DataBlockBuilder block = new DataBlockBuilder();
  private final IndexBuilder index = new IndexBuilder();
  private final TableStatistics statistics = new TableStatistics();

  private InternalKey smallest;
  private long lastTrailer;
  private long lastHash;
  private long[] keyHashes = new long[1024];
  private int keyHashCount;
  private boolean usable = true;

  /**
   * Begins a table.
   *
   * @param file empty and open; closed by this builder
   * @param fileName name for errors
   * @param format how to lay it out
   * @param id what makes it unique
   * @param creationTimeMillis the time, in ms since 1970
   */
  public TableBuilder(
      WritableFile file,
      String fileName,
      TableFormat format,
      TableIdentity id,
      long creationTimeMillis) {
    this(file, fileName, format, id, creationTimeMillis, LARGE_ENTRY_BYTES);
  }

  /** As the other constructor, with a size of its own for large entries (for tests). */
  TableBuilder(
      WritableFile file,
      String fileName,
      TableFormat format,
      TableIdentity id,
      long creationTimeMillis,
      int largeEntryBytes) {
    this.largeEntryBytes = largeEntryBytes;
    this.file = file;
    this.fileName = fileName;
    this.format = format;
    this.id = id;
    this.creationTimeMillis = Math.max(0, creationTimeMillis);
    output = new TableOutput(file, id.contentId(), format.compression());
  }

  /**
   * Appends an entry.
   *
   * @param trailer sequence and kind
   * @param key holds the user key, copied
   * @param ko where it starts
   * @param kl its length in bytes
   * @param value holds the value, copied
   * @param vo where it starts
   * @param vl its length in bytes
   * @throws IllegalStateException if the entry is not above the previous one
   */
  public void add(long trailer, byte[] key, int ko, int kl, byte[] value, int vo, int vl) {
    checkUsable();
    checkEntry(trailer, kl, vl);
    boolean isNewKey = isAbove(trailer, key, ko, kl);
    if (isNewKey) {
      lastHash = Hash.of(key, ko, kl);
      if (format.filter().bitsPerKey() > 0) {
        addToFilter(key, ko, kl);
      }
    }
    boolean isLarge = kl + vl > largeEntryBytes;
    if (block.count() == 0) {
      index.beginBlock(key, ko, 0, IndexBlock.INEXACT);
    } else if (isLarge
        || block.isWritten()
        || block.estimatedSize() + DataBlockBuilder.estimatedSize(kl, vl) > format.blockSize()) {
      int separator = isNewKey ? separatorLength(key, ko, kl) : kl;
      usable = false; // until the block is in the file
      finishBlock();
      usable = true;
      index.beginBlock(key, ko, separator, isNewKey ? IndexBlock.INEXACT : trailer);
    }
    if (isLarge) {
      int head = block.beginAround(trailer, lastHash, key, ko, kl, vl);
      usable = false;
      writeAround(head, value, vo, vl);
      usable = true;
    } else {
      block.add(trailer, isNewKey || block.count() == 0, lastHash, key, ko, kl, value, vo, vl);
    }
    statistics.count(trailer, kl, value, vo, vl);
    lastTrailer = trailer;
  }

  /**
   * Entries added so far.
   *
   * @return their number
   */
  public long entryCount() {
    return statistics.entries();
  }

  /**
   * About how large the file would be if it were finished now.
   *
   * @return bytes
   */
  public long estimatedFileSize() {
    return output.position()
        + block.estimatedSize()
        + index.estimatedSize()
        + (long) keyHashCount * format.filter().bitsPerKey() / 8
        + Footer.BYTES;
  }

  /**
   * Completes the file and makes its content durable.
   *
   * @return what the manifest needs
   * @throws IllegalStateException if no entry was added
   */
  public TableSummary finish() {
    checkUsable();
    if (statistics.entries() == 0) {
      throw new IllegalStateException("a table needs at least one entry: " + fileName);
    }
    usable = false;
    int last = block.lastKeyOffset();
    InternalKey largest =
        new InternalKey(
            Arrays.copyOfRange(block.staged(), last, last + block.lastKeyLength()), lastTrailer);
    finishBlock();
    long dataLength = output.position();
    int lines = 0;
    int probes = 0;
    int bitsPerKey = format.filter().bitsPerKey();
    if (bitsPerKey > 0) {
      lines = BloomFilter.lineCount(keyHashCount, bitsPerKey);
      probes = BloomFilter.probeCount(bitsPerKey);
      writeFilter(lines, probes);
    }
    int indexLength = writeBlock(index.encode(), BlockTrailer.INDEX);
    Footer sizes =
        new Footer(
            id.contentId(),
            0,
            dataLength,
            index.blockCount(),
            lines,
            probes,
            indexLength,
            0,
            format.filter().prefixesOnly() ? Footer.FILTER_WITHOUT_KEYS : 0);
    TableProperties properties =
        statistics.toProperties(
            new TableStatistics.Bounds(smallest, largest),
            sizes,
            id,
            creationTimeMillis,
            format.filter().filteredPrefix());
    int propertiesLength = writeBlock(properties.encode(), BlockTrailer.PROPERTIES);
    long fileSize = output.position() + Footer.BYTES;
    Footer footer = sizes.completed(fileSize, propertiesLength);
    output.write(footer.encode(), Footer.BYTES);
    output.force();
    return new TableSummary(fileSize, id.contentId(), output.fileChecksum(), properties);
  }

  /** Closes the file, abandoning the table if it is not finished. Closing twice is fine. */
  @Override
  public void close() {
    usable = false;
    file.close();
  }

  private void checkUsable() {
    if (!usable) {
      throw new IllegalStateException("the table is finished, failed or closed: " + fileName);
    }
  }

  private static void checkEntry(long trailer, int keyLength, int valueLength) {
    if (keyLength > InternalKey.MAX_KEY_LENGTH || valueLength > InternalKey.MAX_VALUE_LENGTH) {
      throw new IllegalArgumentException(
          "key of " + keyLength + " or value of " + valueLength + " bytes is too long");
    }
    if (!ValueKind.isSupported(InternalKey.kind(trailer))) {
      throw new IllegalArgumentException("kind " + InternalKey.kind(trailer) + " is unknown");
    }
  }

  /** Checks the order; says whether the user key is another one than the last. */
  private boolean isAbove(long trailer, byte[] key, int ko, int kl) {
    if (smallest == null) {
      smallest = new InternalKey(Arrays.copyOfRange(key, ko, ko + kl), trailer);
      return true;
    }
    int order =
        Bytes.compare(key, ko, kl, block.staged(), block.lastKeyOffset(), block.lastKeyLength());
    if (order < 0 || order == 0 && Long.compareUnsigned(trailer, lastTrailer) >= 0) {
      throw new IllegalStateException("entries are out of order for " + fileName);
    }
    return order != 0;
  }

  /** Adds a new key; before the block takes it. */
  private void addToFilter(byte[] key, int ko, int kl) {
    FilterFormat filter = format.filter();
    if (filter.wholeKeys()) {
      addHash(lastHash);
    }
    int length = filter.prefixLength();
    if (length > 0 && kl >= length && !sharesWithLast(key, ko, length)) {
      addHash(BloomFilter.prefixHash(key, ko, length));
    }
  }

  /** Whether the last key begins as this one does. */
  private boolean sharesWithLast(byte[] key, int ko, int length) {
    if (statistics.entries() == 0 || block.lastKeyLength() < length) {
      return false;
    }
    int last = block.lastKeyOffset();
    return Arrays.equals(key, ko, ko + length, block.staged(), last, last + length);
  }

  private void addHash(long hash) {
    if (keyHashCount == keyHashes.length) {
      keyHashes = Arrays.copyOf(keyHashes, 2 * keyHashCount);
    }
    keyHashes[keyHashCount++] = hash;
  }

  /** How much of a new key it takes to tell it from the last key of the block that it follows. */
  private int separatorLength(byte[] key, int ko, int kl) {
    int last = block.lastKeyOffset();
    int end = last + block.lastKeyLength();
    return Arrays.mismatch(key, ko, ko + kl, block.staged(), last, end) + 1;
  }

  private void finishBlock() {
    if (!block.isWritten()) {
      int length = block.encode();
      index.endBlock(output.writeBlock(block.encoded(), length, BlockTrailer.DATA));
    }
    block.reset();
  }

  /** Writes a block of one large entry from where its value is. */
  private void writeAround(int headLength, byte[] value, int vo, int vl) {
    byte[] end = new byte[DataBlockBuilder.MAX_END_BYTES + BlockTrailer.TRAILER_BYTES];
    int endLength = block.encodeEnd(end);
    index.endBlock(
        output.writeDataAround(block.encoded(), headLength, value, vo, vl, end, endLength));
  }

  private int writeBlock(byte[] content, int type) {
    byte[] bytes = Arrays.copyOf(content, content.length + BlockTrailer.TRAILER_BYTES);
    return output.writeBlock(bytes, content.length, type);
  }

  private void writeFilter(int lines, int probes) {
    int parts = BloomFilter.partCount(lines);
    byte[][] filter = new byte[parts][];
    for (int part = 0; part < parts; part++) {
      int rest = lines - part * BloomFilter.LINES_PER_PART;
      int size = Math.min(rest, BloomFilter.LINES_PER_PART) * BloomFilter.LINE_BYTES;
      filter[part] = new byte[size + BlockTrailer.TRAILER_BYTES];
    }
    for (int i = 0; i < keyHashCount; i++) {
      int line = BloomFilter.line(keyHashes[i], lines);
      BloomFilter.add(
          filter[line / BloomFilter.LINES_PER_PART],
          line % BloomFilter.LINES_PER_PART,
          keyHashes[i],
          probes);
    }
    for (byte[] part : filter) {
      output.writeRaw(part, part.length - BlockTrailer.TRAILER_BYTES, BlockTrailer.FILTER);
    }
  }
}
