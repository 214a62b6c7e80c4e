package io.lsmdb.internal.version;

import io.lsmdb.CorruptionException;
import io.lsmdb.StorageException;
import io.lsmdb.internal.base.Crc32c;
import io.lsmdb.internal.fs.FileNames;
import io.lsmdb.internal.fs.FileSystem;
import io.lsmdb.internal.fs.ReadableFile;
import io.lsmdb.internal.version.ManifestFormat.RecordHeader;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;

/**
 * The reading end of a manifest: replays its edits, and tells a torn tail from damage.
 *
 * <p>Not thread-safe; one per recovery. Opens and closes the file within {@link #read}.
 */
final class ManifestReader {
  /*
   * Torn or damaged? An edit is acknowledged after its force, and whatever is written later says so in
   * its "forced" field: the mark right behind the edit, each further record, and CURRENT. So a record
   * that cannot be read may be cut exactly when nothing intact, before it or behind it, claims that its
   * bytes were durable. Behind it means searching: a flipped bit in the last edit leaves its mark
   * intact a few bytes on. The search cannot be fooled by keys in payloads, because the checksum of a
   * record header is masked with a random salt and the place where it stands.
   */

  private static final int SCAN_BUFFER = 64 * 1024;

  private final ReadableFile file;
  private final String name;
  private final Crc32c crc = new Crc32c();
  private final byte[] recordHeader = new byte[ManifestFormat.RECORD_HEADER];
  private final StoreStateBuilder state = new StoreStateBuilder(StoreState.empty());
  private final Map<Long, Integer> files = new HashMap<>();
  private ManifestFormat.Header header;

  /** Everything below was durable, as far as is known so far. */
  private long durable;

  /**
   * What a manifest says.
   *
   * @param state the state it describes, ready to be built
   * @param files the family of each living file by number
   * @param header its header
   * @param cutAt where a torn tail begins, or -1
   * @param cutBytes length of the torn tail
   * @param loggedAtClose what its end record says of the log, empty without end record
   */
  record Replay(
      StoreStateBuilder state,
      Map<Long, Integer> files,
      ManifestFormat.Header header,
      long cutAt,
      long cutBytes,
      OptionalLong loggedAtClose) {}

  private ManifestReader(ReadableFile file, String name, long durable) {
    this.file = file;
    this.name = name;
    this.durable = durable;
  }

  static Replay read(FileSystem fs, Path directory, CurrentFile current) {
    Path path = directory.resolve(FileNames.manifest(current.manifestNumber()));
    String name = path.toString();
    try (ReadableFile file = fs.openForRead(path)) {
      return new ManifestReader(file, name, current.durableLength())
          .replay(current.manifestNumber());
    } catch (StorageException e) {
      if (e.reason() == StorageException.Reason.NOT_FOUND) {
        throw new CorruptionException(name, -1, "manifest named by CURRENT is missing", e);
      }
      throw e;
    }
  }

  private Replay replay(long number) {
    long size = file.size();
    if (size < durable) {
      throw new CorruptionException(name, size, "manifest is shorter than it was");
    }
    header = ManifestFormat.decodeHeader(read(0, ManifestFormat.HEADER), name, number);
    long at = ManifestFormat.HEADER;
    int ordinal = 0;
    boolean ended = false;
    OptionalLong logged = OptionalLong.empty();
    while (at < size) {
      if (ended) {
        throw new CorruptionException(name, at, "bytes behind the end record");
      }
      RecordHeader record = recordHeader(at, size);
      byte[] payload = record == null ? null : payload(record, at, size);
      if (payload == null) {
        refuseDamage(at, size);
        return new Replay(state, files, header, at, size - at, OptionalLong.empty());
      }
      if (record.ordinal() != ordinal) {
        throw new CorruptionException(name, at, "record out of order");
      }
      durable = Math.max(durable, record.forced());
      if (record.type() == ManifestFormat.EDIT) {
        apply(payload, at);
      } else if (record.type() == ManifestFormat.END) {
        ended = true;
        logged = ManifestFormat.decodeLogged(payload, name, at);
      }
      at += ManifestFormat.RECORD_HEADER + ManifestFormat.padded(payload.length);
      ordinal++;
    }
    return new Replay(state, files, header, -1, 0, logged);
  }

  private void apply(byte[] payload, long at) {
    EditCodec.Decoded decoded = EditCodec.decode(payload, name, at + ManifestFormat.RECORD_HEADER);
    state.apply(
        decoded.edit(),
        decoded.nextFamilyId(),
        files,
        problem -> new CorruptionException(name, at, problem));
  }

  /** The header of the record at an offset; null when it cannot be read. */
  private RecordHeader recordHeader(long at, long size) {
    if (size - at < ManifestFormat.RECORD_HEADER) {
      return null;
    }
    readFully(at, recordHeader, recordHeader.length);
    return ManifestFormat.isRecordHeader(crc, header.salt(), at, recordHeader, 0)
        ? ManifestFormat.decodeRecordHeader(recordHeader, name, at)
        : null;
  }

  /** The payload of the record at an offset; null when it cannot be read. */
  private byte[] payload(RecordHeader record, long at, long size) {
    long start = at + ManifestFormat.RECORD_HEADER;
    int padded = ManifestFormat.padded(record.length());
    if (padded > size - start) {
      return null;
    }
    byte[] payload = read(start, record.length());
    int sum =
        payload.length == 0 ? 0 : crc.compute(header.salt(), start, payload, 0, payload.length);
    if (sum != record.payloadCrc()) {
      return null;
    }
    for (byte b : read(start + record.length(), padded - record.length())) {
      if (b != 0) {
        return null;
      }
    }
    return payload;
  }

  /** Throws when something says that the record at an offset was durable. */
  private void refuseDamage(long at, long size) {
    if (at < durable) {
      throw new CorruptionException(name, at, "damaged record");
    }
    byte[] buffer = new byte[SCAN_BUFFER];
    int step = SCAN_BUFFER - ManifestFormat.RECORD_HEADER;
    for (long from = at + 8; size - from >= ManifestFormat.RECORD_HEADER; from += step) {
      int length = (int) Math.min(SCAN_BUFFER, size - from);
      readFully(from, buffer, length);
      for (int i = 0; i <= length - ManifestFormat.RECORD_HEADER; i += 8) {
        if (ManifestFormat.isRecordHeader(crc, header.salt(), from + i, buffer, i)
            && ManifestFormat.forced(buffer, i) > at) {
          throw new CorruptionException(name, at, "damaged record before an intact one");
        }
      }
    }
  }

  private byte[] read(long at, int length) {
    byte[] bytes = new byte[length];
    readFully(at, bytes, length);
    return bytes;
  }

  private void readFully(long at, byte[] to, int length) {
    int done = 0;
    while (done < length) {
      int n = file.read(at + done, to, done, length - done);
      if (n <= 0) {
        throw new CorruptionException(name, at + done, "manifest ends early");
      }
      done += n;
    }
  }
}
