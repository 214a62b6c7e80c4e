package io.lsmdb.internal.table;

import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.base.Crc32c;
import io.lsmdb.testing.HostileRegion;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The blocks and the footer of a table file, to be damaged under right checksums. */
public final class TableRegions {
  private static final int FOOTER_COVERED = 64;

  private TableRegions() {}

  /**
   * Lists them.
   *
   * @param file a whole table
   * @return at least the footer
   */
  public static List<HostileRegion> of(byte[] file) {
    List<HostileRegion> regions = new ArrayList<>();
    Footer footer = footer(file);
    BlockSource source =
        new BlockSource(MemoryFile.of(file), "t.sst", footer, new ShardedBlockCache(0));
    IndexBlock index = source.readIndex();
    long salt = footer.contentId();
    for (int i = 0; i < index.count; i++) {
      regions.add(block("data", salt, (int) index.offset(i), index.storedLength(i)));
    }
    for (int i = 0; i < BloomFilter.partCount(footer.filterLines()); i++) {
      int length = footer.filterPartLines(i) * BloomFilter.LINE_BYTES + BlockTrailer.TRAILER_BYTES;
      regions.add(block("filter", salt, (int) footer.filterPartPosition(i), length));
    }
    regions.add(block("index", salt, (int) footer.indexPosition(), footer.indexLength()));
    regions.add(
        block("properties", salt, (int) footer.propertiesPosition(), footer.propertiesLength()));
    int at = file.length - Footer.BYTES;
    regions.add(new HostileRegion("footer", at, at + FOOTER_COVERED, TableRegions::sealFooter));
    return regions;
  }

  static Footer footer(byte[] file) {
    byte[] end = Arrays.copyOfRange(file, file.length - Footer.BYTES, file.length);
    return Footer.decode(end, file.length, "t.sst");
  }

  private static HostileRegion block(String name, long salt, int position, int stored) {
    return new HostileRegion(
        name, position, position + stored - 4, file -> seal(file, salt, position, stored));
  }

  /** Repairs the checksum of a stored block. */
  static void seal(byte[] file, long contentId, int position, int stored) {
    int covered = stored - 4;
    Bytes.putInt(
        file,
        position + covered,
        new Crc32c().compute(contentId, position, file, position, covered));
  }

  /** Repairs the checksum of the footer. */
  static void sealFooter(byte[] file) {
    int at = file.length - Footer.BYTES;
    long magic = Bytes.getLong(file, file.length - 8);
    Bytes.putInt(
        file, at + FOOTER_COVERED, new Crc32c().compute(magic, at, file, at, FOOTER_COVERED));
  }
}
