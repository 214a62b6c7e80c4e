package io.lsmdb.internal.version;

import io.lsmdb.internal.fs.FileSystem;
import java.nio.file.Path;
import java.util.Objects;
import java.util.function.LongSupplier;

/**
 * What a {@link VersionSet} needs from outside.
 *
 * @param fs the file system
 * @param directory of the store, existing and locked
 * @param random 64 random bits a call, for ids, sessions, salts
 * @param manifestRollSize a manifest smaller than this is not replaced for its size, in bytes
 * @param listener told of new versions and obsolete files
 */
public record VersionEnv(
    FileSystem fs, Path directory, LongSupplier random, long manifestRollSize, Listener listener) {
  /** The usual {@link #manifestRollSize}: 4 MiB. */
  public static final long DEFAULT_MANIFEST_ROLL_SIZE = 4 << 20;

  /** Checks for nulls. */
  public VersionEnv {
    Objects.requireNonNull(fs, "fs");
    Objects.requireNonNull(directory, "directory");
    Objects.requireNonNull(random, "random");
    Objects.requireNonNull(listener, "listener");
  }

  /** Who is told what happens. Implementations return quickly and do not throw. */
  public interface Listener {
    /**
     * A family has a new version, durable. Called under the version set's log lock, in the order of
     * the edits; the previous version keeps the version set's reference until the call returns.
     *
     * @param family id of the family
     * @param version its version; retain it to keep it
     */
    void published(int family, Version version);

    /**
     * No version names the table any more, and the manifest that names it is not in doubt: it may
     * be deleted. Called once per table, by whichever thread gave back the last reference.
     *
     * @param file the table
     */
    void tableObsolete(FileMetadata file);

    /**
     * A manifest or temporary file is of no more use and may be deleted.
     *
     * @param file its path
     */
    void fileObsolete(Path file);
  }
}
