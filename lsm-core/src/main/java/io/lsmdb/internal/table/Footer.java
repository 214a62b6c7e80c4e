package io.lsmdb.internal.table;

import io.lsmdb.CorruptionException;
import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.base.Crc32c;

/**
 * The fixed end of a table file, from which the place of everything else follows. Immutable.
 *
 * @param contentId random number that salts the file's checksums
 * @param fileSize size of the file in bytes
 * @param dataLength bytes of all data blocks
 * @param dataBlocks number of data blocks
 * @param filterLines lines of the filter; 0 for none
 * @param filterProbes probes per key
 * @param indexLength stored bytes of the index
 * @param propertiesLength stored bytes of the properties
 * @param features incompatible features: {@link #FILTER_WITHOUT_KEYS} or none
 */
record Footer(
    long contentId,
    long fileSize,
    long dataLength,
    int dataBlocks,
    int filterLines,
    int filterProbes,
    int indexLength,
    int propertiesLength,
    int features) {
  /** The feature bit of a filter that holds prefixes only. Frozen. */
  static final int FILTER_WITHOUT_KEYS = 1;

  private static final int KNOWN_FEATURES = FILTER_WITHOUT_KEYS;

  /** Size in bytes. Frozen. */
  static final int BYTES = 76;

  private static final int FORMAT_VERSION = 1;
  private static final int COMPARATOR_UNSIGNED_BYTES = 0;
  private static final long MAGIC = 0x54535342_444D534CL; // "LSMDBSST", little-endian

  private static final int AT_CONTENT_ID = 0;
  private static final int AT_FILE_SIZE = 8;
  private static final int AT_DATA_LENGTH = 16;
  private static final int AT_DATA_BLOCKS = 24;
  private static final int AT_FILTER_LINES = 28;
  private static final int AT_FILTER_PROBES = 32;
  private static final int AT_INDEX_LENGTH = 36;
  private static final int AT_TOMBSTONES_LENGTH = 40;
  private static final int AT_PROPERTIES_LENGTH = 44;
  private static final int AT_INCOMPATIBLE_FEATURES = 52;
  private static final int AT_COMPARATOR = 56;
  private static final int AT_VERSION = 60;
  private static final int AT_CHECKSUM = 64;
  private static final int AT_MAGIC = 68;

  /** Smallest conceivable stored data block: a trailer and a byte. */
  private static final int MIN_DATA_BLOCK = BlockTrailer.TRAILER_BYTES + 1;

  byte[] encode() {
    byte[] out = new byte[BYTES];
    Bytes.putLong(out, AT_CONTENT_ID, contentId);
    Bytes.putLong(out, AT_FILE_SIZE, fileSize);
    Bytes.putLong(out, AT_DATA_LENGTH, dataLength);
    Bytes.putInt(out, AT_DATA_BLOCKS, dataBlocks);
    Bytes.putInt(out, AT_FILTER_LINES, filterLines);
    Bytes.putInt(out, AT_FILTER_PROBES, filterProbes);
    Bytes.putInt(out, AT_INDEX_LENGTH, indexLength);
    Bytes.putInt(out, AT_PROPERTIES_LENGTH, propertiesLength);
    Bytes.putInt(out, AT_INCOMPATIBLE_FEATURES, features);
    Bytes.putInt(out, AT_COMPARATOR, COMPARATOR_UNSIGNED_BYTES);
    Bytes.putInt(out, AT_VERSION, FORMAT_VERSION);
    Bytes.putInt(out, AT_CHECKSUM, checksum(out, fileSize));
    Bytes.putLong(out, AT_MAGIC, MAGIC);
    return out;
  }

  /**
   * Decodes and checks a footer.
   *
   * @param from the last {@link #BYTES} bytes of the file
   * @param actualSize size of the file in bytes
   * @param file name for errors
   * @return a footer whose lengths add up to the file
   */
  static Footer decode(byte[] from, long actualSize, String file) {
    long position = actualSize - BYTES;
    check(Bytes.getLong(from, AT_MAGIC) == MAGIC, "not a table, or one cut short,", file, position);
    check(
        Bytes.getInt(from, AT_VERSION) == FORMAT_VERSION,
        "unknown table format version " + Bytes.getInt(from, AT_VERSION),
        file,
        position);
    check(
        Bytes.getInt(from, AT_CHECKSUM) == checksum(from, actualSize),
        "checksum mismatch of the footer",
        file,
        position);
    check(
        (Bytes.getInt(from, AT_INCOMPATIBLE_FEATURES) & ~KNOWN_FEATURES) == 0
            && Bytes.getInt(from, AT_TOMBSTONES_LENGTH) == 0,
        "unknown table features",
        file,
        position);
    check(
        Bytes.getInt(from, AT_COMPARATOR) == COMPARATOR_UNSIGNED_BYTES,
        "unknown key order",
        file,
        position);
    Footer footer =
        new Footer(
            Bytes.getLong(from, AT_CONTENT_ID),
            Bytes.getLong(from, AT_FILE_SIZE),
            Bytes.getLong(from, AT_DATA_LENGTH),
            Bytes.getInt(from, AT_DATA_BLOCKS),
            Bytes.getInt(from, AT_FILTER_LINES),
            Bytes.getInt(from, AT_FILTER_PROBES),
            Bytes.getInt(from, AT_INDEX_LENGTH),
            Bytes.getInt(from, AT_PROPERTIES_LENGTH),
            Bytes.getInt(from, AT_INCOMPATIBLE_FEATURES));
    check(
        footer.isConsistent() && footer.fileSize == actualSize,
        "contradictory lengths in the footer",
        file,
        position);
    return footer;
  }

  private boolean isConsistent() {
    if (dataLength <= 0 || dataLength > fileSize - BYTES) {
      return false;
    }
    long left = fileSize - BYTES - dataLength;
    if (filterLines < 0 || filterLength() > left) {
      return false;
    }
    left -= filterLength();
    return dataBlocks > 0
        && dataBlocks <= dataLength / MIN_DATA_BLOCK
        && filterProbes >= 0
        && filterProbes <= BloomFilter.MAX_PROBES
        && (filterLines == 0) == (filterProbes == 0)
        && (filterLines > 0 || hasWholeKeys())
        && indexLength > BlockTrailer.TRAILER_BYTES
        && propertiesLength > BlockTrailer.TRAILER_BYTES
        && indexLength <= left
        && propertiesLength == left - indexLength;
  }

  /** The same with what is known last. */
  Footer completed(long finalFileSize, int finalPropertiesLength) {
    return new Footer(
        contentId,
        finalFileSize,
        dataLength,
        dataBlocks,
        filterLines,
        filterProbes,
        indexLength,
        finalPropertiesLength,
        features);
  }

  /** Whether the filter, if there is one, may be asked for whole keys. */
  boolean hasWholeKeys() {
    return (features & FILTER_WITHOUT_KEYS) == 0;
  }

  /** Stored bytes of all filter parts. */
  long filterLength() {
    return (long) filterLines * BloomFilter.LINE_BYTES
        + (long) BloomFilter.partCount(filterLines) * BlockTrailer.TRAILER_BYTES;
  }

  /** Where a filter part starts. */
  long filterPartPosition(int part) {
    long full = (long) BloomFilter.LINES_PER_PART * BloomFilter.LINE_BYTES;
    return dataLength + part * (full + BlockTrailer.TRAILER_BYTES);
  }

  /** Lines of a filter part. */
  int filterPartLines(int part) {
    return Math.min(BloomFilter.LINES_PER_PART, filterLines - part * BloomFilter.LINES_PER_PART);
  }

  /** Where the index starts. */
  long indexPosition() {
    return dataLength + filterLength();
  }

  /** Where the properties start. */
  long propertiesPosition() {
    return indexPosition() + indexLength;
  }

  private static int checksum(byte[] footer, long fileSize) {
    return new Crc32c().compute(MAGIC, fileSize - BYTES, footer, 0, AT_CHECKSUM);
  }

  private static void check(boolean fine, String problem, String file, long position) {
    if (!fine) {
      throw new CorruptionException(file, position, problem);
    }
  }
}
