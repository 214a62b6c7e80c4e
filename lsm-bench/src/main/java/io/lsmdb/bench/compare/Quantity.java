package io.lsmdb.bench.compare;

import io.lsmdb.bench.ByteSize;
import java.util.Locale;

/** Figures with the unit that suits their size, for people. Stateless. */
final class Quantity {
  private static final double KILO = 1000;

  private Quantity() {}

  /** For example "12.3 µs", "458 k/s" or "3.61". */
  static String of(Figure figure, double value) {
    return switch (figure.unit()) {
      case "ns" -> nanos(value);
      case "1/s" -> scaled(value, "/s", " k/s", " M/s");
      case "ms" -> nanos(value * 1e6);
      case "s" -> nanos(value * 1e9);
      case "B" -> value < 1024 ? digits(value) + " B" : ByteSize.format((long) value);
      default -> scaled(value, "", " k", " M");
    };
  }

  static String nanos(double nanos) {
    return nanos == 0 ? "0" : scaled(nanos, " ns", " µs", " ms", " s");
  }

  private static String scaled(double value, String... units) {
    int unit = 0;
    double scaled = value;
    while (scaled >= KILO - 0.5 && unit < units.length - 1) {
      scaled /= KILO;
      unit++;
    }
    return digits(scaled) + units[unit];
  }

  /** Three digits that count. */
  private static String digits(double value) {
    double size = Math.abs(value);
    String format = size < 9.995 ? "%.2f" : size < 99.95 ? "%.1f" : "%,.0f";
    return String.format(Locale.ROOT, format, value);
  }
}
