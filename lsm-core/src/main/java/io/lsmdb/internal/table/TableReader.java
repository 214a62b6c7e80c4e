package io.lsmdb.internal.table;

import io.lsmdb.DbClosedException;
import io.lsmdb.internal.base.Hash;
import io.lsmdb.internal.base.LookupResult;
import io.lsmdb.internal.fs.ReadableFile;
import io.lsmdb.internal.table.ShardedBlockCache.CachedBlock;

/**
 * One open table file.
 *
 * <p>Thread-safe. Owns the file. Whoever opened it closes it, once no read or cursor uses it any
 * more; a read after that fails with {@link DbClosedException}, and arrays handed out before stay
 * readable.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>Slots of the cache: data blocks 0 to n - 1, then the index, then the filter parts.
 *   <li>Everything but footer and properties is read on demand and may leave the cache again.
 *   <li>Nothing is handed out whose checksum, form and place in the order of the table have not
 *       been verified, once for each time that it is read from the file.
 * </ol>
 */
public final class TableReader implements AutoCloseable {
  private final ReadableFile file;
  private final String fileName;
  private final Footer footer;
  private final BlockSource source;
  private final TableProperties properties;
  private final BlockBounds bounds;
  private final ShardedBlockCache cache;
  private final ShardedBlockCache.Slots slots;
  private final int indexSlot;
  private final int filterSlot;
  private final int keyFilterLines; // 0 if the filter cannot be asked for whole keys
  private volatile boolean closed;

  private TableReader(
      ReadableFile file, String fileName, Footer footer, BlockSource source, OpenContext context) {
    this.file = file;
    this.fileName = fileName;
    this.footer = footer;
    this.source = source;
    properties = source.readProperties();
    bounds = new BlockBounds(properties);
    cache = context.cache();
    indexSlot = footer.dataBlocks();
    filterSlot = indexSlot + 1;
    keyFilterLines = footer.hasWholeKeys() ? footer.filterLines() : 0;
    slots =
        cache.register(context.owner(), filterSlot + BloomFilter.partCount(footer.filterLines()));
  }

  /**
   * Opens a table: reads its footer and properties.
   *
   * @param file the file; owned by the reader, and closed even if opening fails
   * @param fileName name for errors
   * @param context what to expect, and where to cache
   * @return to be closed by the caller
   * @throws io.lsmdb.CorruptionException if it is not the table that is expected
   */
  public static TableReader open(ReadableFile file, String fileName, OpenContext context) {
    boolean opened = false;
    try {
      Footer footer = BlockSource.readFooter(file, fileName, context);
      BlockSource source = new BlockSource(file, fileName, footer, context.cache());
      TableReader reader = new TableReader(file, fileName, footer, source, context);
      opened = true;
      return reader;
    } finally {
      if (!opened) {
        file.close();
      }
    }
  }

  /**
   * Finds the newest version of a key at or below a sequence. Where the table's owner has readers,
   * this is for one of them, and what is found must not be used once that lookup has ended.
   *
   * @param key holds the user key
   * @param offset where it starts
   * @param length its length in bytes
   * @param searchTrailer see {@code InternalKey.searchTrailer}
   * @param out filled when found; its array belongs to the table
   * @return whether it was found
   */
  public boolean get(byte[] key, int offset, int length, long searchTrailer, LookupResult out) {
    return get(key, offset, length, Hash.of(key, offset, length), searchTrailer, out);
  }

  /**
   * As {@link #get(byte[], int, int, long, LookupResult)}, for callers that ask several tables.
   *
   * @param key holds the user key
   * @param offset where it starts
   * @param length its length in bytes
   * @param hash {@code Hash.of} the user key
   * @param searchTrailer see {@code InternalKey.searchTrailer}
   * @param out filled when found; its array belongs to the table
   * @return whether it was found
   */
  public boolean get(
      byte[] key, int offset, int length, long hash, long searchTrailer, LookupResult out) {
    if (!mayContain(key, offset, length, hash)) {
      return false;
    }
    IndexBlock index = index();
    int ordinal = index.find(key, offset, length, searchTrailer);
    DataBlock block = pointBlock(index, ordinal);
    int found = DataBlockSearch.find(block, key, offset, length, hash, searchTrailer);
    if (found == DataBlock.BEYOND && index.continues(ordinal + 1)) {
      // The key's older versions go on in the next block, which begins with the answer.
      block = pointBlock(index, ordinal + 1);
      found = block.isKey(0, key, offset, length) ? block.offset(0) : DataBlock.ABSENT;
    }
    if (found < 0) {
      return false;
    }
    block.read(found, out);
    return true;
  }

  /**
   * Asks the filter for a key.
   *
   * @param key holds the user key
   * @param offset where it starts
   * @param length its length in bytes
   * @return false only if no version of the key is in the table
   */
  public boolean mayContain(byte[] key, int offset, int length) {
    return mayContain(key, offset, length, Hash.of(key, offset, length));
  }

  /**
   * As {@link #mayContain(byte[], int, int)}, for callers that ask several tables.
   *
   * @param key holds the user key
   * @param offset where it starts
   * @param length its length in bytes
   * @param hash {@code Hash.of} the user key
   * @return false only if no version of the key is in the table
   */
  public boolean mayContain(byte[] key, int offset, int length, long hash) {
    int lines = keyFilterLines;
    return lines != 0
        ? mayContain(hash, lines)
        : footer.hasWholeKeys() || mayContainPrefix(key, offset, length);
  }

  /**
   * Asks the filter for keys that all begin with the same bytes.
   *
   * @param prefix holds those bytes
   * @param offset where they start
   * @param length how many they are
   * @return false only if no such key is in the table
   */
  public boolean mayContainPrefix(byte[] prefix, int offset, int length) {
    int known = properties.prefixLength();
    return known == 0
        || known > length
        || mayContain(BloomFilter.prefixHash(prefix, offset, known), footer.filterLines());
  }

  private boolean mayContain(long hash, int lines) {
    int line = BloomFilter.line(hash, lines);
    BloomFilter part = filterPart(line / BloomFilter.LINES_PER_PART);
    return part.mayContain(line % BloomFilter.LINES_PER_PART, hash, footer.filterProbes());
  }

  /**
   * What the table says of itself.
   *
   * @return its properties
   */
  public TableProperties properties() {
    return properties;
  }

  /**
   * The random number that salts the file's checksums.
   *
   * @return the content id
   */
  public long contentId() {
    return footer.contentId();
  }

  /**
   * The size of the file.
   *
   * @return bytes
   */
  public long fileSize() {
    return footer.fileSize();
  }

  /**
   * About where in the file a key stands or would stand.
   *
   * @param key holds the user key
   * @param offset where it starts
   * @param length its length in bytes
   * @param searchTrailer trailer to search with
   * @return the offset of a data block
   */
  public long approximateOffset(byte[] key, int offset, int length, long searchTrailer) {
    IndexBlock index = index();
    return index.offset(index.find(key, offset, length, searchTrailer));
  }

  /** Takes the table's blocks out of the cache and closes the file. Closing twice is fine. */
  @Override
  public void close() {
    closed = true;
    cache.release(slots);
    file.close();
  }

  Footer footer() {
    return footer;
  }

  /** Reads blocks past the cache. */
  BlockSource source() {
    return source;
  }

  /** What the place of each block that is read is checked by. */
  BlockBounds bounds() {
    return bounds;
  }

  IndexBlock index() {
    CachedBlock cached = slots.get(indexSlot);
    if (cached != null) {
      cached.touch(CachedBlock.INDEX_LIVES);
      cache.countHit();
      return (IndexBlock) cached;
    }
    countMiss();
    IndexBlock index = source.readIndex();
    cache.offer(slots, indexSlot, index, CachedBlock.INDEX_LIVES);
    return index;
  }

  /** The index if it is cached, without a trace of the question. */
  IndexBlock peekIndex() {
    return (IndexBlock) peek(indexSlot);
  }

  /** A data block if it is cached, without a trace of the question; the caller holds it. */
  DataBlock peekData(int ordinal) {
    DataBlock block = (DataBlock) peek(ordinal);
    return block != null && block.hold() ? block : null;
  }

  private CachedBlock peek(int slot) {
    CachedBlock cached = slots.get(slot);
    if (cached == null) {
      checkOpen();
    }
    return cached;
  }

  private BloomFilter filterPart(int part) {
    CachedBlock cached = slots.get(filterSlot + part);
    if (cached != null) {
      cached.touch(CachedBlock.INDEX_LIVES);
      cache.countHit();
      return (BloomFilter) cached;
    }
    countMiss();
    BloomFilter filter = source.readFilterPart(part);
    cache.offer(slots, filterSlot + part, filter, CachedBlock.INDEX_LIVES);
    return filter;
  }

  /** A data block for a lookup, which reads it until it ends and no longer. */
  private DataBlock pointBlock(IndexBlock index, int ordinal) {
    DataBlock cached = cachedBlock(ordinal);
    if (cached != null) {
      return cached;
    }
    DataBlock block = readBlock(index, ordinal);
    cache.offer(slots, ordinal, block, CachedBlock.DATA_LIVES);
    return block;
  }

  /**
   * A data block for a scan, which holds it. What is read enters the cache as the first to leave
   * again.
   */
  DataBlock scanBlock(IndexBlock index, int ordinal) {
    DataBlock cached = cachedBlock(ordinal);
    if (cached != null && cached.hold()) {
      return cached;
    }
    DataBlock block = readBlock(index, ordinal);
    block.hold();
    cache.offer(slots, ordinal, block, 0);
    return block;
  }

  private DataBlock cachedBlock(int ordinal) {
    CachedBlock cached = slots.get(ordinal);
    if (cached == null) {
      return null;
    }
    cached.touch(CachedBlock.DATA_LIVES);
    cache.countHit();
    return (DataBlock) cached;
  }

  private DataBlock readBlock(IndexBlock index, int ordinal) {
    countMiss();
    DataBlock block = source.readData(index, ordinal);
    bounds.check(block, index, ordinal, source.dataPlace(index, ordinal));
    return block;
  }

  private void countMiss() {
    checkOpen();
    cache.countMiss();
  }

  private void checkOpen() {
    if (closed) {
      throw new DbClosedException("the table " + fileName + " has been closed");
    }
  }
}
