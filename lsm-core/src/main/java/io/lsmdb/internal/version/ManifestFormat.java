package io.lsmdb.internal.version;

import io.lsmdb.CorruptionException;
import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.key.InternalKey;
import io.lsmdb.internal.record.FileHeader;
import io.lsmdb.internal.record.RecordFileType;
import io.lsmdb.internal.record.RecordRules;
import java.util.OptionalLong;

/**
 * The frozen numbers of the manifest format, which {@code docs/manifest-format.md} explains.
 *
 * <p>Stateless. A manifest is a record file whose records follow its header.
 */
final class ManifestFormat {
  /** "LSMDBMAN" as a little-endian number. */
  private static final long MAGIC = 0x4E414D42444D534CL;

  private static final int VERSION = 2;

  /** Size in bytes of an end record's payload, where it has one. */
  static final int LOGGED = Long.BYTES;

  /** Records carry no numbers; a data record is an edit. */
  static final RecordFileType MANIFEST =
      new RecordFileType(
          "manifest",
          MAGIC,
          VERSION,
          FileHeader.SIZE,
          new RecordRules(EditCodec.MAX_PAYLOAD, LOGGED, false));

  private ManifestFormat() {}

  /** The payload of an end record. */
  static byte[] encodeLogged(OptionalLong lastLogged) {
    byte[] payload = new byte[lastLogged.isPresent() ? LOGGED : 0];
    lastLogged.ifPresent(sequence -> Bytes.putLong(payload, 0, sequence));
    return payload;
  }

  static OptionalLong decodeLogged(byte[] payload, String file, long position) {
    if (payload.length == 0) {
      return OptionalLong.empty();
    }
    long sequence = Bytes.getLong(payload, 0);
    if (sequence < 0 || sequence > InternalKey.MAX_SEQUENCE) {
      throw new CorruptionException(file, position, "impossible last sequence of the log");
    }
    return OptionalLong.of(sequence);
  }
}
