package io.lsmdb.internal.wal;

import io.lsmdb.internal.record.FileHeader;
import io.lsmdb.internal.record.RecordFileType;
import io.lsmdb.internal.record.RecordFormat;
import io.lsmdb.internal.record.RecordRules;

/**
 * The frozen numbers of the log format, which {@code docs/log-format.md} explains.
 *
 * <p>Stateless. A segment is a record file with a chain between its header and its records:
 *
 * <pre>
 *   0             64      128
 *   +-------------+-------+--------+---------+-----+--------+-----------------+
 *   | file header | chain | header | payload | pad | header | ...       zeros |
 *   +-------------+-------+--------+---------+-----+--------+-----------------+
 * </pre>
 */
final class LogFormat {
  /** "LSMDBLOG" as a little-endian number. */
  private static final long MAGIC = 0x474F4C42444D534CL;

  private static final int VERSION = 3;

  /** Bytes of the file header, and where the chain starts. */
  static final int IDENTITY_SIZE = FileHeader.SIZE;

  /** Bytes of the chain. */
  static final int CHAIN_SIZE = 64;

  /** Where the first record starts. */
  static final int FIRST_RECORD = IDENTITY_SIZE + CHAIN_SIZE;

  /** Bytes at the end of a segment filled ahead that stay free for a mark and an end record. */
  static final int RESERVE = 2 * RecordFormat.CONTROL_SIZE;

  /** Longest payload in bytes. */
  static final int MAX_PAYLOAD = 1 << 30;

  /** Records carry sequence numbers; an end record has no payload. */
  static final RecordFileType SEGMENT =
      new RecordFileType(
          "log segment", MAGIC, VERSION, FIRST_RECORD, new RecordRules(MAX_PAYLOAD, 0, true));

  private LogFormat() {}
}
