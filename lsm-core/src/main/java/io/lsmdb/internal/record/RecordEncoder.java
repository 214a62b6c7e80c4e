package io.lsmdb.internal.record;

import io.lsmdb.internal.base.Crc32c;

/**
 * The maker of record headers.
 *
 * <p>Not thread-safe. Allocates nothing per record. Describe a record by {@link #data} or {@link
 * #control}, then {@link #encode} its header; the writer puts {@link #bytes} before the payload.
 * Checksums are computed on the caller's array, never on a mapping.
 */
public final class RecordEncoder {
  private final Crc32c crc = new Crc32c();
  private final RecordHeader header;
  private final byte[] bytes = new byte[RecordFormat.MAX_HEADER_SIZE];

  /**
   * Creates an encoder.
   *
   * @param rules of the type of file, which the caller keeps to
   */
  public RecordEncoder(RecordRules rules) {
    header = new RecordHeader(rules);
  }

  /**
   * Describes a data record.
   *
   * @param forced bytes of the file known to be forced
   * @param firstNumber its smallest number; 0 where that is the next one, or there are none
   * @param span its largest number minus the smallest, unsigned
   */
  public void data(long forced, long firstNumber, int span) {
    header.type = RecordFormat.DATA;
    header.forced = Math.min(forced, RecordFormat.MAX_FORCED);
    header.firstNumber = firstNumber;
    header.span = span;
  }

  /**
   * Describes a mark or an end record.
   *
   * @param type {@link RecordFormat#MARK} or {@link RecordFormat#END}
   * @param forced bytes of the file known to be forced, not 0
   */
  public void control(int type, long forced) {
    header.type = type;
    header.forced = Math.min(forced, RecordFormat.MAX_FORCED);
    header.firstNumber = 0;
    header.span = 0;
  }

  /**
   * Encodes the header of the record described before.
   *
   * @param salt of the file
   * @param position of the record in the file
   * @param payload holds the payload
   * @param offset where it starts
   * @param length its length in bytes
   * @return size of the header in bytes
   */
  public int encode(long salt, long position, byte[] payload, int offset, int length) {
    header.length = length;
    int flags = header.flags();
    int size = RecordHeader.sizeWith(flags);
    header.payloadCrc =
        length == 0 ? 0 : crc.compute(salt, position + size, payload, offset, length);
    header.encode(crc, salt, position, bytes, flags);
    return size;
  }

  /**
   * The header encoded last.
   *
   * @return holds it from offset 0 on, until the next one is encoded
   */
  public byte[] bytes() {
    return bytes;
  }
}
