package io.lsmdb.internal.wal;

/**
 * The frozen numbers of the log format, which {@code docs/log-format.md} explains.
 *
 * <p>Stateless. A segment is an identity, a chain, then records:
 *
 * <pre>
 *   0         64      128
 *   +---------+-------+--------+---------+-----+--------+-----------------+
 *   | identity| chain | header | payload | pad | header | ...       zeros |
 *   +---------+-------+--------+---------+-----+--------+-----------------+
 * </pre>
 */
final class LogFormat {
  /** "LSMDBLOG" as a little-endian number. */
  static final long MAGIC = 0x474F4C42444D534CL;

  static final int VERSION = 3;

  /** Bytes of the identity, and where the chain starts. */
  static final int IDENTITY_SIZE = 64;

  /** Bytes of the chain. */
  static final int CHAIN_SIZE = 64;

  /** Where the first record starts. */
  static final int FIRST_RECORD = IDENTITY_SIZE + CHAIN_SIZE;

  /** Bytes of the shortest record header, one without optional fields. */
  static final int HEADER_SIZE = 12;

  /** Bytes of an optional field of a header, but for a sequence number. */
  static final int OPTIONAL_SIZE = 4;

  /** Bytes of the optional sequence number. */
  static final int SEQUENCE_SIZE = 8;

  /** Bytes of the longest record header. */
  static final int MAX_HEADER_SIZE = HEADER_SIZE + 3 * OPTIONAL_SIZE + SEQUENCE_SIZE;

  /** Bytes of a mark and of an end record: a header that says what is forced. */
  static final int CONTROL_SIZE = HEADER_SIZE + OPTIONAL_SIZE;

  /** Records start at multiples of this. */
  static final int ALIGNMENT = 4;

  /** Bytes at the end of a segment filled ahead that stay free for a mark and an end record. */
  static final int RESERVE = 2 * CONTROL_SIZE;

  /** Longest payload in bytes. */
  static final int MAX_PAYLOAD = 1 << 30;

  /** Record types, written to files: never renumbered. */
  static final int DATA = 1;

  static final int MARK = 2;
  static final int END = 3;

  /** Bits beside the type: which optional fields follow, in this order. */
  static final int HAS_FORCED = 0x10;

  static final int HAS_SPAN = 0x20;

  static final int HAS_SEQUENCE = 0x40;

  static final int HAS_HIGH_LENGTH = 0x80;

  /** So many bits of the length are in every header. */
  static final int LOW_LENGTH_BITS = 24;

  private LogFormat() {}

  /**
   * Room that a record takes.
   *
   * @param header length of its header in bytes
   * @param payload length of its payload in bytes
   * @return bytes, a multiple of {@link #ALIGNMENT}
   */
  static long recordSize(int header, long payload) {
    return header + align(payload);
  }

  /** The room that a record takes at most, whatever its header holds. */
  static long maxRecordSize(long payload) {
    return recordSize(MAX_HEADER_SIZE, payload);
  }

  /** The first offset from this one on at which a record may start. */
  static long align(long offset) {
    return (offset + ALIGNMENT - 1) & -ALIGNMENT;
  }
}
