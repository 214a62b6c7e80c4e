package io.lsmdb.bench;

import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Sizes such as {@code 4096}, {@code 64k}, {@code 256m} or {@code 2g}, with factors of 1,024, for
 * options. Stateless.
 */
public final class ByteSize implements ITypeConverter<Long> {
  private static final String UNITS = "kmg";
  private static final String[] NAMES = {"bytes", "KiB", "MiB", "GiB", "TiB"};

  /** Used by reflection. */
  public ByteSize() {}

  @Override
  public Long convert(String text) {
    String lower = text.strip().toLowerCase(Locale.ROOT);
    int unit = lower.isEmpty() ? -1 : UNITS.indexOf(lower.charAt(lower.length() - 1));
    String digits = unit < 0 ? lower : lower.substring(0, lower.length() - 1);
    try {
      long size = Math.multiplyExact(Long.parseLong(digits), 1L << (10 * (unit + 1)));
      if (size >= 0) {
        return size;
      }
    } catch (NumberFormatException | ArithmeticException e) {
      // Reported below, like a negative size.
    }
    throw new TypeConversionException("'" + text + "' is not a size such as 4096, 64k, 256m or 2g");
  }

  /**
   * A size as people read it.
   *
   * @param bytes at least 0
   * @return for example "64.0 MiB"
   */
  public static String format(long bytes) {
    int unit = 0;
    double size = bytes;
    while (size >= 1024 && unit < NAMES.length - 1) {
      size /= 1024;
      unit++;
    }
    return unit == 0 ? bytes + " bytes" : String.format(Locale.ROOT, "%.1f %s", size, NAMES[unit]);
  }
}
