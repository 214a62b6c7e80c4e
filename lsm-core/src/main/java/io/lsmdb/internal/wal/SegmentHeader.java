package io.lsmdb.internal.wal;

import io.lsmdb.CorruptionException;
import io.lsmdb.internal.fs.ReadableFile;
import io.lsmdb.internal.record.FileHeader;
import io.lsmdb.internal.record.RecordFile;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The first 128 bytes of a segment.
 *
 * <p>Immutable.
 *
 * @param path the file
 * @param identity which segment it is
 * @param chain what came before, null where it is damaged or was never written
 * @param prepared whether the chain is all zeros
 */
record SegmentHeader(Path path, FileHeader identity, SegmentChain chain, boolean prepared) {

  /**
   * Reads the header of a segment.
   *
   * @throws CorruptionException if the identity is not that of this file, or the file is short
   */
  static SegmentHeader read(LogFiles files, long number) {
    Path path = files.segment(number);
    String name = path.toString();
    try (ReadableFile file = files.fileSystem().openForRead(path)) {
      byte[] first = new byte[LogFormat.IDENTITY_SIZE];
      byte[] second = new byte[LogFormat.CHAIN_SIZE];
      int got = file.read(0, first, 0, first.length);
      if (got < first.length) {
        throw new CorruptionException(name, got, "not a log segment: the file is too short");
      }
      FileHeader identity = FileHeader.decode(LogFormat.SEGMENT, number, name, first);
      if (identity.owner() != files.logId()) {
        throw new CorruptionException(
            name, FileHeader.OWNER_AT, "a log segment of another database");
      }
      if (file.size() > Integer.MAX_VALUE) {
        throw new CorruptionException(
            name, Integer.MAX_VALUE, "the file is larger than any segment");
      }
      got = file.read(LogFormat.IDENTITY_SIZE, second, 0, second.length);
      SegmentChain chain =
          got < second.length ? null : SegmentChain.decode(identity.salt(), second);
      if (chain != null && chain.predecessor() >= number) {
        chain = null;
      }
      boolean prepared = Arrays.equals(second, new byte[LogFormat.CHAIN_SIZE]);
      return new SegmentHeader(path, identity, chain, prepared);
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
  boolean follows(SegmentHeader other) {
    return chain != null
        && chain.predecessor() == other.number()
        && chain.predecessorSalt() == other.identity().salt();
  }

  RecordFile open(LogFiles files) {
    ReadableFile file = files.fileSystem().openForRead(path);
    return new RecordFile(file, file(), identity.salt(), LogFormat.SEGMENT);
  }
}
