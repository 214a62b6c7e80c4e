package io.lsmdb.internal.fs;

import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/**
 * The names of the files in a database directory, both ways.
 *
 * <p>Stateless. Frozen, since they are on disk:
 *
 * <pre>
 *   000012.log                      log segment 12
 *   000034-00c0ffee00c0ffee.sst     table 34 of the session with that id
 *   MANIFEST-000005                 manifest 5
 *   CURRENT, CURRENT.tmp            name of the manifest in use, its next version being written
 *   000077.tmp                      temporary file 77
 *   LOCK                            lock file
 * </pre>
 *
 * <p>Numbers are decimal, from 0 to 2^63 - 2, of at least six digits, with leading zeros only as
 * far as these need. Session ids are 64 bits, as 16 hexadecimal digits in lower case.
 *
 * <ol>
 *   <li>{@link #parse} accepts exactly the names that the other methods make: for each name it
 *       accepts, {@link Parsed#name()} gives the same name again.
 * </ol>
 */
public final class FileNames {
  /** Holds the name of the manifest in use. */
  public static final String CURRENT = "CURRENT";

  /** The next version of {@link #CURRENT} while it is being written. */
  public static final String CURRENT_TEMPORARY = "CURRENT.tmp";

  /** Locked while the database is open. */
  public static final String LOCK = "LOCK";

  /** Stands for the number in files that have none. */
  public static final long NO_NUMBER = -1;

  private static final String LOG_SUFFIX = ".log";
  private static final String TABLE_SUFFIX = ".sst";
  private static final String TEMPORARY_SUFFIX = ".tmp";
  private static final String MANIFEST_PREFIX = "MANIFEST-";
  private static final int MIN_DIGITS = 6;
  private static final int MAX_DIGITS = 19;
  private static final int SESSION_DIGITS = 16;

  /** No valid name is longer: a table's, with 19 digits. Characters. */
  private static final int MAX_NAME_LENGTH = MAX_DIGITS + 1 + SESSION_DIGITS + 4;

  /** What a file is, by its name. */
  public enum Type {
    /** A log segment. */
    LOG,
    /** A table. */
    TABLE,
    /** A manifest. */
    MANIFEST,
    /** The pointer to the manifest in use. */
    CURRENT,
    /** The lock file. */
    LOCK,
    /** A file that was being written when the process ended, of no use afterwards. */
    TEMPORARY
  }

  /**
   * The meaning of a name.
   *
   * @param type what the file is
   * @param number its number, or {@link #NO_NUMBER}
   * @param session the id of the session that wrote it, for tables, else 0
   */
  public record Parsed(Type type, long number, long session) {
    /**
     * The name again.
     *
     * @return the name that was parsed
     */
    public String name() {
      return switch (type) {
        case LOG -> log(number);
        case TABLE -> table(number, session);
        case MANIFEST -> manifest(number);
        case CURRENT -> FileNames.CURRENT;
        case LOCK -> FileNames.LOCK;
        case TEMPORARY -> number == NO_NUMBER ? CURRENT_TEMPORARY : temporary(number);
      };
    }
  }

  private FileNames() {}

  /**
   * The name of a log segment.
   *
   * @param number its number, not negative
   * @return a name
   */
  public static String log(long number) {
    return digits(number) + LOG_SUFFIX;
  }

  /**
   * The name of a table.
   *
   * @param number its number, not negative
   * @param session the id of the session that writes it
   * @return a name
   */
  public static String table(long number, long session) {
    return digits(number) + String.format(Locale.ROOT, "-%016x", session) + TABLE_SUFFIX;
  }

  /**
   * The name of a manifest.
   *
   * @param number its number, not negative
   * @return a name
   */
  public static String manifest(long number) {
    return MANIFEST_PREFIX + digits(number);
  }

  /**
   * The name of a temporary file.
   *
   * @param number its number, not negative
   * @return a name
   */
  public static String temporary(long number) {
    return digits(number) + TEMPORARY_SUFFIX;
  }

  /**
   * Tells what a file is.
   *
   * @param name a name without directory, of any content
   * @return its meaning; empty when this class does not make such a name
   */
  public static Optional<Parsed> parse(String name) {
    if (name.isEmpty() || name.length() > MAX_NAME_LENGTH) {
      return Optional.empty();
    }
    if (name.equals(CURRENT)) {
      return Optional.of(new Parsed(Type.CURRENT, NO_NUMBER, 0));
    }
    if (name.equals(CURRENT_TEMPORARY)) {
      return Optional.of(new Parsed(Type.TEMPORARY, NO_NUMBER, 0));
    }
    if (name.equals(LOCK)) {
      return Optional.of(new Parsed(Type.LOCK, NO_NUMBER, 0));
    }
    if (name.startsWith(MANIFEST_PREFIX)) {
      return numbered(Type.MANIFEST, name.substring(MANIFEST_PREFIX.length()));
    }
    if (name.endsWith(TABLE_SUFFIX)) {
      return parseTable(name.substring(0, name.length() - TABLE_SUFFIX.length()));
    }
    if (name.endsWith(LOG_SUFFIX)) {
      return numbered(Type.LOG, name.substring(0, name.length() - LOG_SUFFIX.length()));
    }
    if (name.endsWith(TEMPORARY_SUFFIX)) {
      return numbered(Type.TEMPORARY, name.substring(0, name.length() - TEMPORARY_SUFFIX.length()));
    }
    return Optional.empty();
  }

  private static Optional<Parsed> parseTable(String stem) {
    int dash = stem.length() - SESSION_DIGITS - 1;
    if (dash < 0 || stem.charAt(dash) != '-') {
      return Optional.empty();
    }
    long session = 0;
    for (int i = dash + 1; i < stem.length(); i++) {
      int digit = "0123456789abcdef".indexOf(stem.charAt(i));
      if (digit < 0) {
        return Optional.empty();
      }
      session = session << 4 | digit;
    }
    long number = parseNumber(stem.substring(0, dash));
    return number < 0 ? Optional.empty() : Optional.of(new Parsed(Type.TABLE, number, session));
  }

  private static Optional<Parsed> numbered(Type type, String digits) {
    long number = parseNumber(digits);
    return number < 0 ? Optional.empty() : Optional.of(new Parsed(type, number, 0));
  }

  /** Returns a negative number when the text is not what {@link #digits} makes. */
  private static long parseNumber(String text) {
    int length = text.length();
    if (length < MIN_DIGITS || length > MAX_DIGITS) {
      return NO_NUMBER;
    }
    if (length > MIN_DIGITS && text.charAt(0) == '0') {
      return NO_NUMBER;
    }
    long number = 0;
    for (int i = 0; i < length; i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9 || number > (Long.MAX_VALUE - 1 - digit) / 10) {
        return NO_NUMBER;
      }
      number = number * 10 + digit;
    }
    return number;
  }

  private static String digits(long number) {
    Objects.checkIndex(number, Long.MAX_VALUE);
    return String.format(Locale.ROOT, "%06d", number);
  }
}
