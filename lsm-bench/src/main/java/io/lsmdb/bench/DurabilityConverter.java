package io.lsmdb.bench;

import io.lsmdb.Durability;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** The names of {@link Durability} in lower case, with hyphens, for options. Stateless. */
public final class DurabilityConverter implements ITypeConverter<Durability> {
  /** Used by reflection. */
  public DurabilityConverter() {}

  @Override
  public Durability convert(String text) {
    for (Durability durability : Durability.values()) {
      if (format(durability).equals(text)) {
        return durability;
      }
    }
    throw new TypeConversionException("'" + text + "' is none of sync, buffered, no-wal");
  }

  /**
   * A durability as {@link #convert} reads it.
   *
   * @param durability any
   * @return for example "no-wal"
   */
  public static String format(Durability durability) {
    return durability.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
