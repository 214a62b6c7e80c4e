package io.lsmdb.internal.version;

import io.lsmdb.CorruptionException;
import io.lsmdb.StorageException;
import io.lsmdb.internal.fs.FileNames;
import io.lsmdb.internal.fs.FileSystem;
import io.lsmdb.internal.fs.ReadableFile;
import io.lsmdb.internal.record.FileHeader;
import io.lsmdb.internal.record.RecordFile;
import io.lsmdb.internal.record.RecordFormat;
import io.lsmdb.internal.record.RecordScan;
import io.lsmdb.internal.record.ScanEnd;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;

/**
 * The reading end of a manifest: replays its edits, and tells a torn tail from damage.
 *
 * <p>Not thread-safe; one per recovery. Opens and closes the file within {@link #read}.
 */
final class ManifestReader {
  /**
   * An edit that was never acknowledged and was cut from the end of a manifest.
   *
   * @param file name of the manifest
   * @param offset where the cut was made
   * @param bytes how many bytes were ignored
   */
  record CutTail(String file, long offset, long bytes) {}

  /*
   * Torn or damaged? An edit is acknowledged after its force, and whatever is written later says so in
   * its "forced" field: the mark right behind the edit, each further record, and CURRENT. RecordScan
   * knows of the records; CURRENT is the evidence from outside of the file.
   */

  private final ReadableFile file;
  private final String name;

  private final StoreStateBuilder state = new StoreStateBuilder(StoreState.empty());
  private final Map<Long, Integer> files = new HashMap<>();

  /** Everything below was durable when CURRENT was written. */
  private final long durable;

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
      FileHeader header,
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
    FileHeader header = header(number);
    OptionalLong logged = OptionalLong.empty();
    // The manifest's file, which is closed by the caller.
    RecordFile records = new RecordFile(file, name, header.salt(), ManifestFormat.MANIFEST);
    RecordScan scan = new RecordScan(records, size, 0);
    while (scan.next()) {
      if (scan.isData()) {
        apply(payload(scan), scan.position(), scan.header().size());
      } else if (scan.header().type() == RecordFormat.END) {
        logged = ManifestFormat.decodeLogged(payload(scan), name, scan.position());
      }
    }
    ScanEnd end = scan.end(offset -> offset < durable);
    if (end.verdict() == ScanEnd.Verdict.DAMAGED) {
      throw end.corruption(name);
    }
    boolean torn = end.verdict() == ScanEnd.Verdict.TORN;
    return new Replay(state, files, header, torn ? end.offset() : -1, end.bytes(), logged);
  }

  private FileHeader header(long number) {
    byte[] bytes = new byte[FileHeader.SIZE];
    int got = file.read(0, bytes, 0, bytes.length);
    if (got < bytes.length) {
      throw new CorruptionException(name, got, "manifest ends early");
    }
    return FileHeader.decode(ManifestFormat.MANIFEST, number, name, bytes);
  }

  private static byte[] payload(RecordScan scan) {
    int from = scan.payloadStart();
    return Arrays.copyOfRange(scan.array(), from, from + scan.header().length());
  }

  private void apply(byte[] payload, long at, int headerSize) {
    EditCodec.Decoded decoded = EditCodec.decode(payload, name, at + headerSize);
    state.apply(
        decoded.edit(),
        decoded.nextFamilyId(),
        files,
        problem -> new CorruptionException(name, at, problem));
  }
}
