package io.lsmdb.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

final class ByteSizeTest {
  private final ByteSize converter = new ByteSize();

  @Test
  void readsSizesWithAndWithoutUnit() {
    assertEquals(0, converter.convert("0"));
    assertEquals(4096, converter.convert("4096"));
    assertEquals(64 << 10, converter.convert("64k"));
    assertEquals(256 << 20, converter.convert("256M"));
    assertEquals(2L << 30, converter.convert("2g"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "m", "-1", "1.5m", "1t", "9999999999g", "64 m b"})
  void refusesWhatIsNoSize(String text) {
    assertThrows(TypeConversionException.class, () -> converter.convert(text));
  }

  @Test
  void printsSizes() {
    assertEquals("1023 bytes", ByteSize.format(1023));
    assertEquals("1.5 KiB", ByteSize.format(1536));
    assertEquals("64.0 MiB", ByteSize.format(64L << 20));
  }
}
