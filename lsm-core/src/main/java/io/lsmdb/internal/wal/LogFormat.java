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

  static final int VERSION = 1;

  /** Bytes of the identity, and where the chain starts. */
  static final int IDENTITY_SIZE = 64;

  /** Bytes of the chain. */
  static final int CHAIN_SIZE = 64;

  /** Where the first record starts. */
  static final int FIRST_RECORD = IDENTITY_SIZE + CHAIN_SIZE;

  /** Bytes of a record header. */
  static final int HEADER_SIZE = 32;

  /** Bytes at the end of a segment filled ahead that stay free for a mark and an end record. */
  static final int RESERVE = 2 * HEADER_SIZE;

  /** Longest payload in bytes. */
  static final int MAX_PAYLOAD = 1 << 30;

  /** Record types, written to files: never renumbered. */
  static final int DATA = 1;

  static final int MARK = 2;
  static final int END = 3;

  private LogFormat() {}

  /**
   * Room that a record takes.
   *
   * @param payload length of its payload in bytes
   * @return bytes, a multiple of 8
   */
  static long recordSize(long payload) {
    return HEADER_SIZE + ((payload + 7) & ~7L);
  }
}
