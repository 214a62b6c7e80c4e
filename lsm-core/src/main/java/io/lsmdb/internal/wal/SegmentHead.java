package io.lsmdb.internal.wal;

import io.lsmdb.CorruptionException;
import io.lsmdb.internal.fs.ReadableFile;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * What the first 128 bytes of a segment say.
 *
 * <p>Immutable.
 *
 * @param path the file
 * @param size its size in bytes
 * @param identity which segment it is
 * @param chain what came before, null where it is damaged or was never written
 * @param prepared whether the chain is all zeros
 */
record SegmentHead(
    Path path, long size, SegmentIdentity identity, SegmentChain chain, boolean prepared) {

  /**
   * Reads the head of a segment.
   *
   * @throws CorruptionException if the identity is not that of this file, or the file is short
   */
  static SegmentHead read(LogFiles files, long number) {
    Path path = files.segment(number);
    String name = path.toString();
    try (ReadableFile file = files.fileSystem().openForRead(path)) {
      byte[] first = new byte[LogFormat.IDENTITY_SIZE];
      byte[] second = new byte[LogFormat.CHAIN_SIZE];
      int got = file.read(0, first, 0, first.length);
      if (got < first.length) {
        throw new CorruptionException(name, got, "no log segment: the file is too short");
      }
      SegmentIdentity identity = SegmentIdentity.decode(name, first);
      check(files, number, identity, name, file.size());
      got = file.read(LogFormat.IDENTITY_SIZE, second, 0, second.length);
      SegmentChain chain =
          got < second.length ? null : SegmentChain.decode(identity.salt(), second);
      if (chain != null && chain.predecessor() >= number) {
        chain = null;
      }
      boolean prepared = Arrays.equals(second, new byte[LogFormat.CHAIN_SIZE]);
      return new SegmentHead(path, file.size(), identity, chain, prepared);
    }
  }

  private static void check(
      LogFiles files, long number, SegmentIdentity identity, String name, long size) {
    if (identity.number() != number) {
      throw new CorruptionException(
          name, 24, "this is log segment " + identity.number() + " under another name");
    }
    if (identity.logId() != files.logId()) {
      throw new CorruptionException(name, 40, "a log segment of another database");
    }
    if (size > Integer.MAX_VALUE) {
      throw new CorruptionException(name, Integer.MAX_VALUE, "the file is larger than any segment");
    }
  }

  String file() {
    return path.toString();
  }

  long number() {
    return identity.number();
  }

  boolean inUse() {
    return chain != null;
  }

  /** Whether this segment names the other one as its predecessor. */
  boolean follows(SegmentHead other) {
    return chain != null
        && chain.predecessor() == other.number()
        && chain.predecessorSalt() == other.identity().salt();
  }

  SegmentReader open(LogFiles files) {
    return new SegmentReader(this, files.fileSystem().openForRead(path));
  }
}
