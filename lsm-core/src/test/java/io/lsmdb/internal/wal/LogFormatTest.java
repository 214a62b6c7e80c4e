package io.lsmdb.internal.wal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.internal.base.Crc32c;
import io.lsmdb.testing.MemFileSystem;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** The worked example of docs/log-format.md, byte for byte. */
class LogFormatTest {
  static String dump(byte[] bytes, int from, int to) {
    StringBuilder text = new StringBuilder();
    HexFormat hex = HexFormat.ofDelimiter(" ");
    for (int at = from; at < to; at += 16) {
      text.append(String.format("%04x  ", at))
          .append(hex.formatHex(bytes, at, Math.min(at + 16, to)));
      text.append('\n');
    }
    return text.toString();
  }

  /** Writes the example's log: two records, the first durable, closed. */
  static byte[] example() {
    MemFileSystem fs = new MemFileSystem();
    fs.createDirectories(LogHarness.DIRECTORY);
    LogFiles files = new LogFiles(fs, LogHarness.DIRECTORY, 0x1122334455667788L);
    LogSettings settings =
        new LogSettings(1024, 1024, false, () -> 0x0123456789ABCDEFL, Runnable::run, e -> {});
    SegmentPool pool = new SegmentPool(files, settings, 1);
    LogWriter writer = new LogWriter(pool, LogTail.NONE, java.util.List.of());
    byte[] hello = "hello".getBytes(StandardCharsets.US_ASCII);
    byte[] again = "log again".getBytes(StandardCharsets.US_ASCII);
    writer.append(hello, 0, hello.length, 1, 1, true);
    writer.append(again, 0, again.length, 5, 7, false);
    writer.close();
    LogHarness reader = new LogHarness(fs, 0);
    return reader.read(1);
  }

  @Test
  void theWorkedExample() {
    byte[] bytes = example();
    assertEquals(EXAMPLE, dump(bytes, 0, bytes.length));
  }

  private static final String EXAMPLE =
      """
      0000  4c 53 4d 44 42 4c 4f 47 03 00 00 00 00 00 00 00
      0010  00 00 00 00 00 00 00 00 01 00 00 00 00 00 00 00
      0020  ef cd ab 89 67 45 23 01 88 77 66 55 44 33 22 11
      0030  00 04 00 00 00 00 00 00 00 00 00 00 b6 96 cf c0
      0040  8e 5a 61 12 00 00 00 00 00 00 00 00 00 00 00 00
      0050  00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
      0060  00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
      0070  00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
      0080  bf 7f 95 54 3d 90 41 b6 01 05 00 00 68 65 6c 6c
      0090  6f 00 00 00 4b b3 6c 74 00 00 00 00 12 00 00 00
      00a0  94 00 00 00 98 60 f2 5a 4f 55 dd 15 71 09 00 00
      00b0  94 00 00 00 02 00 00 00 05 00 00 00 00 00 00 00
      00c0  6c 6f 67 20 61 67 61 69 6e 00 00 00 77 2f 5c 7b
      00d0  00 00 00 00 13 00 00 00 cc 00 00 00
      """;

  @Test
  void masksDifferByPlaceAndSalt() {
    java.util.Set<Integer> masks = new java.util.HashSet<>();
    for (long salt = 0; salt < 4; salt++) {
      for (long position = 0; position < 8192; position += 4) {
        masks.add(Crc32c.mask(salt, position));
      }
    }
    assertTrue(masks.size() > 4 * 2048 - 3);
  }
}
