package io.lsmdb.internal.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.internal.base.ValueKind;
import io.lsmdb.internal.key.InternalKey;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

/** The worked example of {@code docs/table-format.md}, byte for byte. */
class TableGoldenTest {
  private static final String EXAMPLE =
      """
      61 70 70 6c 65 00 03 01 25 01 72 65 64 00 00 02
      00 00 05 00 0d 00 07 00 00 00 00 00 00 00 02 00
      00 00 00 00 00 00 05 00 00 00 02 02 03 00 01 00
      2e 00 00 00 51 98 54 87 07 06 01 61 70 72 69 63
      6f 74 6f 72 61 6e 67 65 00 00 2d 00 00 00 00 00
      00 00 01 00 00 00 00 00 00 00 00 00 00 00 00 02
      03 00 01 00 2a 00 00 00 f5 6f 73 c7 00 04 00 00
      01 00 04 00 00 00 00 00 00 00 00 00 00 00 10 10
      00 40 00 00 00 00 00 00 00 00 00 10 00 00 00 00
      00 00 00 40 80 00 84 00 00 00 00 00 00 00 00 08
      00 00 00 00 00 00 04 00 00 40 00 00 02 00 40 00
      00 00 c1 fd 71 7e 02 00 00 00 03 00 00 00 61 70
      72 38 00 34 00 03 00 0f 00 00 00 e9 c9 e3 29 01
      01 03 02 01 01 03 01 00 04 01 00 05 01 00 06 05
      61 70 70 6c 65 07 07 61 70 72 69 63 6f 74 08 01
      07 09 02 ac 02 0a 01 00 0b 01 00 0c 01 11 0d 01
      09 0e 01 6c 0f 01 02 10 06 80 d0 95 ff bc 31 11
      08 28 27 26 25 24 23 22 21 12 10 08 07 06 05 04
      03 02 01 18 17 16 15 14 13 12 11 13 01 09 14 10
      01 2c 01 00 00 00 00 00 01 2d 00 00 00 00 00 00
      05 00 71 00 00 00 7f 39 6f f0 38 37 36 35 34 33
      32 31 96 01 00 00 00 00 00 00 6c 00 00 00 00 00
      00 00 02 00 00 00 01 00 00 00 07 00 00 00 19 00
      00 00 00 00 00 00 7b 00 00 00 00 00 00 00 00 00
      00 00 00 00 00 00 01 00 00 00 2e 92 5a 17 4c 53
      4d 44 42 53 53 54
      """;

  private static final String PREFIXES =
      """
      61 70 70 6c 65 00 03 01 25 01 72 65 64 00 00 02
      00 00 05 00 0d 00 07 00 00 00 00 00 00 00 02 00
      00 00 00 00 00 00 05 00 00 00 02 02 03 00 01 00
      2e 00 00 00 13 2e 4c 7f 07 06 01 61 70 72 69 63
      6f 74 6f 72 61 6e 67 65 00 00 2d 00 00 00 00 00
      00 00 01 00 00 00 00 00 00 00 00 00 00 00 00 02
      03 00 01 00 2a 00 00 00 fe 9c 0f 82 01 07 01 62
      73 68 6f 72 74 65 72 00 00 01 00 00 00 00 00 00
      00 01 00 00 00 00 00 00 00 00 00 00 00 00 02 03
      00 01 00 25 00 00 00 c2 8f 74 33 00 20 00 01 00
      00 00 10 00 00 00 02 00 00 00 00 00 00 00 00 00
      00 80 00 00 00 00 00 00 12 00 00 00 00 80 00 00
      00 00 00 04 00 00 00 00 00 00 00 20 00 05 00 00
      00 00 00 00 10 40 00 00 00 00 00 02 00 40 00 00
      00 43 31 f2 09 03 00 00 00 00 00 00 00 38 00 34
      06 61 70 72 2f 02 62 03 00 12 00 00 00 6b e0 1a
      21 01 01 04 02 01 01 03 01 00 04 01 00 05 01 00
      06 05 61 70 70 6c 65 07 01 62 08 01 01 09 02 ac
      02 0a 01 00 0b 01 00 0c 01 12 0d 01 10 0e 02 9b
      01 0f 01 03 10 06 80 d0 95 ff bc 31 11 08 09 00
      00 00 00 00 00 00 12 10 07 00 00 00 00 00 00 00
      08 00 00 00 00 00 00 00 13 01 0a 14 10 01 2c 01
      00 00 00 00 00 01 01 00 00 00 00 00 00 15 01 03
      05 00 6f 00 00 00 49 7f 69 f5 88 77 66 55 44 33
      22 11 c6 01 00 00 00 00 00 00 9b 00 00 00 00 00
      00 00 03 00 00 00 01 00 00 00 07 00 00 00 1c 00
      00 00 00 00 00 00 79 00 00 00 00 00 00 00 01 00
      00 00 00 00 00 00 01 00 00 00 37 a9 a4 5d 4c 53
      4d 44 42 53 53 54
      """;

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static NavigableMap<InternalKey, byte[]> model() {
    NavigableMap<InternalKey, byte[]> model = new TreeMap<>();
    model.put(Tables.key(ascii("apple"), 300, ValueKind.PUT), ascii("red"));
    model.put(Tables.key(ascii("apple"), 7, ValueKind.DELETE), new byte[0]);
    model.put(Tables.key(ascii("apricot"), 45, ValueKind.PUT), ascii("orange"));
    return model;
  }

  private static String hex(byte[] bytes) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < bytes.length; i++) {
      out.append(String.format("%02x", bytes[i]));
      out.append(i % 16 == 15 || i == bytes.length - 1 ? '\n' : ' ');
    }
    return out.toString();
  }

  @Test
  void writerProducesTheWorkedExample() {
    TableIdentity id =
        new TableIdentity(
            0x0102030405060708L, 0x1112131415161718L, 0x2122232425262728L, 9, 0x3132333435363738L);
    TableFormat format = new TableFormat(64, 10, BlockCodec.LZ4);
    byte[] file = Tables.build(format, model(), id).content();
    assertEquals(EXAMPLE, hex(file));
  }

  /** A table whose filter has prefixes of three bytes and no whole keys. */
  @Test
  void writerProducesTheFormOfPrefixes() {
    TableFormat format = new TableFormat(64, new FilterFormat(10, 3, false, true), BlockCodec.NONE);
    NavigableMap<InternalKey, byte[]> model = model();
    model.put(Tables.key(ascii("b"), 1, ValueKind.PUT), ascii("shorter"));
    byte[] file = Tables.build(format, model).content();
    assertEquals(PREFIXES, hex(file));
    try (TableReader table = Tables.open(MemoryFile.of(file), new ShardedBlockCache(1 << 20))) {
      Tables.verify(table, model, new Random(1), 100);
      assertTrue(table.mayContainPrefix(ascii("apr"), 0, 3));
      assertFalse(table.mayContainPrefix(ascii("apq"), 0, 3));
      assertTrue(table.mayContainPrefix(ascii("aq"), 0, 2), "too short to be asked");
      assertFalse(table.mayContain(ascii("apq..."), 0, 6), "asked by its prefix");
      assertTrue(table.mayContain(ascii("c"), 0, 1), "nothing is known of shorter keys");
    }
  }

  @Test
  void readerReadsTheWorkedExample() {
    byte[] file = HexFormat.of().parseHex(EXAMPLE.replaceAll("\\s", ""));
    try (TableReader table = Tables.open(MemoryFile.of(file), new ShardedBlockCache(1 << 20))) {
      Tables.verify(table, model(), new Random(1), 100);
    }
  }

  @Test
  void summaryCarriesThePlainChecksumOfTheFile() {
    MemoryFile file = new MemoryFile();
    byte[] k = {1};
    try (TableBuilder builder =
        new TableBuilder(
            file,
            "t.sst",
            new TableFormat(64, 0, BlockCodec.NONE),
            Tables.identity(),
            Tables.TIME)) {
      builder.add(InternalKey.trailer(1, ValueKind.PUT), k, 0, 1, new byte[300_000], 0, 300_000);
      CRC32C crc = new CRC32C();
      TableSummary summary = builder.finish();
      crc.update(file.bytes, 0, file.length);
      assertEquals((int) crc.getValue(), summary.fileChecksum());
      assertEquals(Tables.CONTENT_ID, summary.contentId());
    }
  }
}
