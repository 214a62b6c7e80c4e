package io.lsmdb.internal.record;

/**
 * The frozen numbers of the record format, which {@code docs/record-format.md} explains.
 *
 * <p>Stateless. The bytes of a record:
 *
 * <pre>
 *   0     4             8             9          12
 *   +-----+-------------+-------------+----------+-----------------+---------+-----+
 *   | crc | payload crc | type, flags | length   | optional fields | payload | pad |
 *   +-----+-------------+-------------+----------+-----------------+---------+-----+
 * </pre>
 */
public final class RecordFormat {
  /** Bytes of the shortest record header, one without optional fields. */
  public static final int HEADER_SIZE = 12;

  /** Bytes of an optional field of a header, but for a number. */
  public static final int OPTIONAL_SIZE = 4;

  /** Bytes of the optional first number. */
  static final int NUMBER_SIZE = 8;

  /** Bytes of the longest record header. */
  public static final int MAX_HEADER_SIZE = HEADER_SIZE + 3 * OPTIONAL_SIZE + NUMBER_SIZE;

  /** Bytes of a mark and of an end record without payload: a header that says what is forced. */
  public static final int CONTROL_SIZE = HEADER_SIZE + OPTIONAL_SIZE;

  /** Records start at multiples of this. */
  public static final int ALIGNMENT = 4;

  /** Record type of a payload. Types are written to files: never renumbered. */
  public static final int DATA = 1;

  /** Record type that says what has been forced. */
  public static final int MARK = 2;

  /** Record type that ends a file closed cleanly. */
  public static final int END = 3;

  /** Bit beside the type: {@code forced} follows. Fields follow in the order of their bits. */
  public static final int HAS_FORCED = 0x10;

  /** Bit beside the type: {@code span} follows. */
  public static final int HAS_SPAN = 0x20;

  /** Bit beside the type: {@code first number} follows. */
  public static final int HAS_NUMBER = 0x40;

  /** Bit beside the type: {@code high length} follows. */
  public static final int HAS_HIGH_LENGTH = 0x80;

  /** Bits of the length that are in every header. */
  static final int LOW_LENGTH_BITS = 24;

  /** Largest value of {@code forced}, which stays there in a larger file. */
  static final long MAX_FORCED = 0xFFFF_FFFCL;

  private RecordFormat() {}

  /**
   * Room that a record takes.
   *
   * @param header length of its header in bytes
   * @param payload length of its payload in bytes
   * @return bytes, a multiple of {@link #ALIGNMENT}
   */
  public static long recordSize(int header, long payload) {
    return header + align(payload);
  }

  /**
   * Room that a record takes at most, whatever its header holds.
   *
   * @param payload length of its payload in bytes
   * @return bytes, a multiple of {@link #ALIGNMENT}
   */
  public static long maxRecordSize(long payload) {
    return recordSize(MAX_HEADER_SIZE, payload);
  }

  /**
   * The first offset from this one on at which a record may start.
   *
   * @param offset in a file
   * @return a multiple of {@link #ALIGNMENT}
   */
  public static long align(long offset) {
    return (offset + ALIGNMENT - 1) & -ALIGNMENT;
  }
}
