package io.lsmdb.internal.wal;

import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.base.Crc32c;
import io.lsmdb.testing.HostileRegion;
import java.util.ArrayList;
import java.util.List;

/** The headers and payloads of a log segment, to be damaged under right checksums. */
public final class LogRegions {
  private static final int SALT_AT = 32;

  private LogRegions() {}

  /**
   * Lists them.
   *
   * @param file a whole segment
   * @return at least its identity
   */
  public static List<HostileRegion> of(byte[] file) {
    List<HostileRegion> regions = new ArrayList<>();
    regions.add(new HostileRegion("identity", 0, 60, LogRegions::sealIdentity));
    regions.add(new HostileRegion("chain", 68, 128, f -> seal(f, 64, 64, 68, 60)));
    long salt = Bytes.getLong(file, SALT_AT);
    RecordHeader header = new RecordHeader();
    int at = LogFormat.FIRST_RECORD;
    while (at + LogFormat.MAX_HEADER_SIZE <= file.length
        && header.decode(new Crc32c(), salt, at, file, at)) {
      int record = at;
      int payload = at + header.size();
      int length = header.length;
      int size = header.size();
      regions.add(
          new HostileRegion(
              "record header",
              record + 4,
              payload,
              f -> seal(f, record, record, record + 4, size - 4)));
      if (length > 0) {
        regions.add(
            new HostileRegion(
                "payload",
                payload,
                payload + length,
                f -> {
                  seal(f, record + 4, payload, payload, length);
                  seal(f, record, record, record + 4, size - 4);
                }));
      }
      at += (int) header.recordSize();
    }
    return regions;
  }

  private static void sealIdentity(byte[] file) {
    seal(file, 60, 0, 0, 60);
  }

  private static void seal(byte[] file, int crcAt, long position, int from, int length) {
    long salt = Bytes.getLong(file, SALT_AT);
    Bytes.putInt(file, crcAt, new Crc32c().compute(salt, position, file, from, length));
  }
}
