package io.lsmdb.internal.version;

import io.lsmdb.StorageException;
import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.fs.FileNames;
import io.lsmdb.internal.fs.FileSystem;
import io.lsmdb.internal.fs.WritableFile;
import io.lsmdb.internal.record.FileHeader;
import io.lsmdb.internal.record.RecordEncoder;
import io.lsmdb.internal.record.RecordFormat;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/**
 * The writing end of one manifest.
 *
 * <p>Not thread-safe; the version set's log lock guards it. Owned and closed by its {@link
 * ManifestLog}.
 *
 * <ol>
 *   <li>An edit is appended only after everything before it, marks apart, was forced.
 *   <li>After a write or force that did not return normally nothing is appended any more: the file
 *       may hold part of a record, which a record behind it would turn from a torn tail into
 *       damage.
 *   <li>CURRENT is not touched here, except by {@link #install} and {@link #finish}.
 * </ol>
 */
final class Manifest implements AutoCloseable {
  private final FileSystem fs;
  private final Path directory;
  private final FileHeader header;
  private final WritableFile file;
  private final RecordEncoder encoder = new RecordEncoder(ManifestFormat.MANIFEST.rules());
  private long forced;
  private long initialSize;
  private boolean inDoubt = true;

  private Manifest(FileSystem fs, Path directory, FileHeader header) {
    this.fs = fs;
    this.directory = directory;
    this.header = header;
    this.file = fs.create(directory.resolve(FileNames.manifest(header.number())));
  }

  /**
   * Writes a manifest that describes a state, durable on return, its directory entry included.
   * CURRENT does not name it yet.
   *
   * @param fs where
   * @param directory of the store
   * @param header its header
   * @param state what to describe
   * @param nextFileNumber all numbers below are used up
   * @return open for more
   */
  static Manifest create(
      FileSystem fs, Path directory, FileHeader header, StoreState state, long nextFileNumber) {
    Manifest manifest = new Manifest(fs, directory, header);
    try {
      manifest.describe(state, nextFileNumber);
      return manifest;
    } catch (Throwable e) {
      try {
        manifest.close();
      } catch (StorageException closing) {
        e.addSuppressed(closing);
      }
      throw e;
    }
  }

  private void describe(StoreState state, long nextFileNumber) {
    byte[] bytes = header.encode(ManifestFormat.MANIFEST);
    file.append(bytes, 0, bytes.length);
    List<VersionEdit> edits = state.toEdits(nextFileNumber);
    for (int i = 0; i < edits.size(); i++) {
      record(RecordFormat.DATA, EditCodec.encode(edits.get(i), i == 0 ? state.nextFamilyId() : 0));
    }
    ForceFailedException.forcing(file::force);
    ForceFailedException.forcing(() -> fs.forceDirectory(directory));
    forced = file.size();
    initialSize = forced;
    inDoubt = false;
  }

  /**
   * Makes CURRENT name this manifest, durably.
   *
   * @param temporary number for a temporary file
   */
  void install(long temporary) {
    new CurrentFile(header.number(), forced).install(fs, directory, temporary);
  }

  /**
   * Appends an edit, durable on return.
   *
   * @param payload the encoded edit
   */
  void append(byte[] payload) {
    if (inDoubt) {
      throw new IllegalStateException("manifest is in doubt");
    }
    inDoubt = true;
    record(RecordFormat.DATA, payload);
    ForceFailedException.forcing(file::force);
    forced = file.size();
    try {
      record(RecordFormat.MARK, Bytes.EMPTY);
      inDoubt = false;
    } catch (StorageException e) {
      // The edit itself is durable, so this is a success. The manifest stays in doubt: the next
      // edit goes into a fresh one, where the failure shows if it lasts.
    }
  }

  /**
   * Ends the manifest: no change can be lost from its end unnoticed afterwards.
   *
   * @param temporary number for a temporary file
   * @param lastLogged largest sequence that the log durably holds or held, empty if not known
   */
  void finish(long temporary, OptionalLong lastLogged) {
    if (inDoubt) {
      throw new IllegalStateException("manifest is in doubt");
    }
    inDoubt = true;
    // The mark before it is not forced yet, so that the record does not say so.
    record(RecordFormat.END, ManifestFormat.encodeLogged(lastLogged));
    ForceFailedException.forcing(file::force);
    forced = file.size();
    install(temporary);
  }

  private void record(int type, byte[] payload) {
    if (type == RecordFormat.DATA) {
      encoder.data(forced, 0, 0);
    } else {
      encoder.control(type, forced);
    }
    int size = encoder.encode(header.salt(), file.size(), payload, 0, payload.length);
    byte[] bytes = new byte[(int) RecordFormat.recordSize(size, payload.length)];
    System.arraycopy(encoder.bytes(), 0, bytes, 0, size);
    System.arraycopy(payload, 0, bytes, size, payload.length);
    file.append(bytes, 0, bytes.length);
  }

  /** Whether nothing may be appended any more. */
  boolean inDoubt() {
    return inDoubt;
  }

  /** From now on nothing may be appended. */
  void doubt() {
    inDoubt = true;
  }

  long number() {
    return header.number();
  }

  /** Bytes written. */
  long size() {
    return file.size();
  }

  /** Bytes of the description it began with. */
  long initialSize() {
    return initialSize;
  }

  @Override
  public void close() {
    file.close();
  }
}
