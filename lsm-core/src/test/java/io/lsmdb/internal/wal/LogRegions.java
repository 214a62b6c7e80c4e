package io.lsmdb.internal.wal;

import io.lsmdb.internal.record.RecordRegions;
import io.lsmdb.testing.HostileRegion;
import java.util.ArrayList;
import java.util.List;

/** The headers and payloads of a log segment, to be damaged under right checksums. */
public final class LogRegions {
  private LogRegions() {}

  /**
   * Lists them.
   *
   * @param file a whole segment
   * @return at least its identity
   */
  public static List<HostileRegion> of(byte[] file) {
    List<HostileRegion> regions = new ArrayList<>(RecordRegions.of(file, LogFormat.SEGMENT));
    regions.add(1, new HostileRegion("chain", 68, 128, f -> RecordRegions.seal(f, 64, 64, 68, 60)));
    return regions;
  }
}
