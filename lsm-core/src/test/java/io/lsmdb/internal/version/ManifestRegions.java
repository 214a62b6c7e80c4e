package io.lsmdb.internal.version;

import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.base.Crc32c;
import io.lsmdb.testing.HostileRegion;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The parts of a manifest and of CURRENT, to be damaged under right checksums. */
public final class ManifestRegions {
  private static final int SALT_AT = 32;
  private static final int CRC_DIGITS = 8;

  private ManifestRegions() {}

  /**
   * Lists those of a manifest.
   *
   * @param file a whole manifest
   * @return at least its header
   */
  public static List<HostileRegion> of(byte[] file) {
    List<HostileRegion> regions = new ArrayList<>();
    regions.add(new HostileRegion("header", 0, 60, f -> seal(f, 60, 0, 0, 60)));
    int at = ManifestFormat.HEADER;
    while (at + ManifestFormat.RECORD_HEADER <= file.length) {
      int record = at;
      int payload = at + ManifestFormat.RECORD_HEADER;
      byte[] header = Arrays.copyOfRange(file, record, payload);
      int length = ManifestFormat.decodeRecordHeader(header, "m", record).length();
      regions.add(
          new HostileRegion(
              "record header",
              record + 4,
              payload,
              f -> seal(f, record, record, record + 4, ManifestFormat.RECORD_HEADER - 4)));
      if (length > 0) {
        regions.add(
            new HostileRegion(
                "payload",
                payload,
                payload + length,
                f -> {
                  seal(f, record + 4, payload, payload, length);
                  seal(f, record, record, record + 4, ManifestFormat.RECORD_HEADER - 4);
                }));
      }
      at = payload + ManifestFormat.padded(length);
    }
    return regions;
  }

  /**
   * Lists those of CURRENT.
   *
   * @param file its content
   * @return one region
   */
  public static List<HostileRegion> ofCurrent(byte[] file) {
    int crcAt = file.length - 1 - CRC_DIGITS;
    return List.of(new HostileRegion("current", 0, crcAt, f -> sealCurrent(f, crcAt)));
  }

  private static void sealCurrent(byte[] file, int crcAt) {
    int crc = new Crc32c().compute(0, 0, file, 0, crcAt) ^ Crc32c.mask(0, 0);
    byte[] digits = String.format(Locale.ROOT, "%08x", crc).getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(digits, 0, file, crcAt, CRC_DIGITS);
  }

  private static void seal(byte[] file, int crcAt, long position, int from, int length) {
    long salt = Bytes.getLong(file, SALT_AT);
    Bytes.putInt(file, crcAt, new Crc32c().compute(salt, position, file, from, length));
  }
}
