package io.lsmdb.internal.record;

import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.base.Crc32c;
import java.util.ArrayList;
import java.util.List;

/**
 * The place of one record in a file.
 *
 * @param at where it starts
 * @param payload where its payload starts
 * @param length of its payload in bytes
 * @param end where the next record starts
 * @param type its type
 * @param forced what it knows to be forced
 */
public record RecordPlace(int at, int payload, int length, int end, int type, long forced) {

  /**
   * Lists the records of an intact file.
   *
   * @param file its content
   * @param type its type
   * @return all up to the first place without a header
   */
  public static List<RecordPlace> all(byte[] file, RecordFileType type) {
    List<RecordPlace> places = new ArrayList<>();
    long salt = Bytes.getLong(file, FileHeader.SALT_AT);
    RecordHeader header = new RecordHeader(type.rules());
    Crc32c crc = new Crc32c();
    int at = type.firstRecord();
    while (at + RecordFormat.HEADER_SIZE <= file.length
        && at + RecordHeader.sizeAt(file, at) <= file.length
        && header.decode(crc, salt, at, file, at) == RecordHeader.Found.RECORD) {
      int end = at + (int) header.recordSize();
      int payload = at + header.size();
      places.add(
          new RecordPlace(at, payload, header.length(), end, header.type(), header.forced()));
      at = end;
    }
    return places;
  }
}
