package io.lsmdb.internal.version;

import io.lsmdb.internal.base.Crc32c;
import io.lsmdb.internal.record.RecordRegions;
import io.lsmdb.testing.HostileRegion;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/** The parts of a manifest and of CURRENT, to be damaged under right checksums. */
public final class ManifestRegions {
  private static final int CRC_DIGITS = 8;

  private ManifestRegions() {}

  /**
   * Lists those of a manifest.
   *
   * @param file a whole manifest
   * @return at least its header
   */
  public static List<HostileRegion> of(byte[] file) {
    return RecordRegions.of(file, ManifestFormat.MANIFEST);
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
}
