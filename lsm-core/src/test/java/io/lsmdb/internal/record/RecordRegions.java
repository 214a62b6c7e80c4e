package io.lsmdb.internal.record;

import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.base.Crc32c;
import io.lsmdb.testing.HostileRegion;
import java.util.ArrayList;
import java.util.List;

/** The headers and payloads of a record file, to be damaged under right checksums. */
public final class RecordRegions {
  private static final int CRC_AT = 60;

  private RecordRegions() {}

  /**
   * Lists them.
   *
   * @param file a whole file
   * @param type its type
   * @return at least its file header
   */
  public static List<HostileRegion> of(byte[] file, RecordFileType type) {
    List<HostileRegion> regions = new ArrayList<>();
    regions.add(new HostileRegion("file header", 0, CRC_AT, f -> seal(f, CRC_AT, 0, 0, CRC_AT)));
    for (RecordPlace place : RecordPlace.all(file, type)) {
      regions.add(
          new HostileRegion(
              "record header", place.at() + 4, place.payload(), f -> sealHeader(f, place)));
      if (place.length() > 0) {
        regions.add(
            new HostileRegion(
                "payload",
                place.payload(),
                place.payload() + place.length(),
                f -> {
                  seal(f, place.at() + 4, place.payload(), place.payload(), place.length());
                  sealHeader(f, place);
                }));
      }
    }
    return regions;
  }

  private static void sealHeader(byte[] file, RecordPlace place) {
    seal(file, place.at(), place.at(), place.at() + 4, place.payload() - place.at() - 4);
  }

  /**
   * Writes the right checksum of a range.
   *
   * @param file holds both
   * @param crcAt where the checksum goes
   * @param position of the range, which is at the same offset unless the range leaves out its start
   * @param from where the range starts
   * @param length its length in bytes
   */
  public static void seal(byte[] file, int crcAt, long position, int from, int length) {
    long salt = Bytes.getLong(file, FileHeader.SALT_AT);
    Bytes.putInt(file, crcAt, new Crc32c().compute(salt, position, file, from, length));
  }
}
