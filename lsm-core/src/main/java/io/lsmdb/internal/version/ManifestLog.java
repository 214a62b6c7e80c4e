package io.lsmdb.internal.version;

import io.lsmdb.internal.fs.FileNames;
import io.lsmdb.internal.record.FileHeader;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.TreeSet;

/**
 * The durable record of changes: the manifest in use, replaced by a fresh one when it is in doubt
 * or has grown.
 *
 * <p>Not thread-safe; the version set's log lock guards it. Owned and closed by the version set.
 *
 * <ol>
 *   <li>After a failed or doubtful write nothing is appended to that manifest; the next change
 *       begins with a fresh one, which describes the state as it was before the failure.
 *   <li>No file that either outcome of a doubtful write names is reported obsolete until a fresh
 *       manifest is durable, with a CURRENT that names it.
 *   <li>There is a manifest in use after the first {@link #roll}, which comes before all else.
 * </ol>
 */
final class ManifestLog {
  /** A manifest is replaced when it is so many times as large as its initial description. */
  private static final int ROLL_FACTOR = 4;

  private final VersionEnv env;
  private final StoreState.Identity identity;
  private final FileNumbers numbers;
  private final OrphanTables givenUp;

  /** Manifests of this opening up to the one in use, as far as they have not been reported. */
  private final TreeSet<Long> stale = new TreeSet<>();

  private Manifest manifest;

  /**
   * Writes nothing yet.
   *
   * @param env what it needs
   * @param identity what headers say
   * @param numbers for manifests and temporary files
   * @param givenUp told when no doubt is left
   */
  ManifestLog(
      VersionEnv env, StoreState.Identity identity, FileNumbers numbers, OrphanTables givenUp) {
    this.env = env;
    this.identity = identity;
    this.numbers = numbers;
    this.givenUp = givenUp;
  }

  /**
   * Appends an edit, durable on return.
   *
   * @param payload the encoded edit
   * @param newTables whether it brings in tables
   * @param before the state that it changes
   */
  void append(byte[] payload, boolean newTables, StoreState before) {
    if (newTables) {
      // The names of the tables must not become durable after the edit that relies on them.
      ForceFailedException.forcing(() -> env.fs().forceDirectory(env.directory()));
    }
    long limit = Math.max(env.manifestRollSize(), ROLL_FACTOR * manifest.initialSize());
    if (manifest.inDoubt() || manifest.size() > limit) {
      roll(before);
    }
    manifest.append(payload);
  }

  /**
   * Replaces the manifest by a fresh one, durable on return.
   *
   * @param state what to describe
   */
  void roll(StoreState state) {
    long number = numbers.take();
    stale.add(number);
    Manifest fresh =
        Manifest.create(env.fs(), env.directory(), header(number), state, numbers.next());
    if (manifest != null) {
      // From here on CURRENT may name either, so that the old one must not grow any more.
      manifest.doubt();
    }
    boolean installed = false;
    try {
      fresh.install(number);
      installed = true;
    } finally {
      if (!installed) {
        fresh.close();
      }
    }
    Manifest old = manifest;
    manifest = fresh;
    givenUp.settle();
    reportStale();
    if (old != null) {
      old.close();
    }
  }

  /** CURRENT durably names the manifest in use: those before it are history. */
  private void reportStale() {
    for (long number : stale.headSet(manifest.number())) {
      for (String name : List.of(FileNames.manifest(number), FileNames.temporary(number))) {
        Path path = env.directory().resolve(name);
        if (env.fs().exists(path)) {
          env.listener().fileObsolete(path);
        }
      }
    }
    stale.headSet(manifest.number()).clear();
  }

  /**
   * Writes a manifest with CURRENT into another directory, durably. Touches nothing that is
   * guarded: any thread.
   *
   * @param directory without CURRENT and without a manifest
   * @param state what to describe
   */
  void export(Path directory, StoreState state) {
    long number = state.nextFileNumber();
    try (Manifest copy = Manifest.create(env.fs(), directory, header(number), state, number + 2)) {
      copy.finish(number + 1, OptionalLong.empty()); // no log goes with it
    }
  }

  private FileHeader header(long number) {
    return new FileHeader(
        number, env.random().getAsLong(), identity.databaseHigh(), identity.databaseLow());
  }

  /** Number of the manifest in use. */
  long number() {
    return manifest.number();
  }

  /** Whether CURRENT, or the end of the manifest, may be other than intended. */
  boolean inDoubt() {
    return manifest.inDoubt();
  }

  /**
   * Ends the manifest cleanly, unless it is in doubt, which the next opening settles.
   *
   * @param lastLogged largest sequence that the log durably holds or held, empty if not known
   */
  void close(OptionalLong lastLogged) {
    try (Manifest last = manifest) {
      if (!last.inDoubt()) {
        last.finish(numbers.take(), lastLogged);
      }
    }
  }
}
