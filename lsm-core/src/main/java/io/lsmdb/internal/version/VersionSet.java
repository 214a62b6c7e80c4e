package io.lsmdb.internal.version;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.lsmdb.CorruptionException;
import io.lsmdb.DbClosedException;
import io.lsmdb.StorageException;
import io.lsmdb.internal.fs.FileNames;
import io.lsmdb.internal.version.VersionEdit.CreatedFamily;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The current version of every family, kept in step with the manifest.
 *
 * <p>Thread-safe. Owned by the engine, which closes it after its background work has ended.
 *
 * <ol>
 *   <li>A change is durable in the manifest ({@link ManifestLog}) before anybody sees it ({@link
 *       PublishedState}). After a failed or doubtful write the state stays as it was.
 *   <li>A table is reported obsolete once at most: when no version names it any more ({@link
 *       TableReferences}), or when the change that was to bring it in has failed ({@link
 *       OrphanTables}).
 *   <li>Tables added by an edit belong to the version set from the call of {@link #logAndApply} on.
 *       If that fails with a {@link StorageException} they are given up: never to be offered again,
 *       and reported obsolete as soon as no doubt is left.
 * </ol>
 *
 * <p>Lock order: the log lock, which makes changes one by one, then the locks of {@link
 * PublishedState}, {@link TableReferences}. Listeners are called without the latter two.
 */
public final class VersionSet implements AutoCloseable {
  private final StoreState.Identity identity;
  private final FileNumbers fileNumbers;
  private final AtomicInteger nextFamilyId;
  final TableReferences references;
  private final PublishedState published;

  // Set while the store is opened.
  private List<String> leftovers = List.of();
  private ManifestReader.CutTail cutTail;
  private OptionalLong loggedAtClose = OptionalLong.empty();

  private final ReentrantLock logLock = new ReentrantLock();
  private final ManifestLog log; // used by the lock's holder, but for opening and export
  final OrphanTables givenUp; // used by the lock's holder

  @GuardedBy("logLock")
  private Map<Long, Integer> files;

  @GuardedBy("logLock")
  private boolean closed;

  @GuardedBy("logLock")
  private boolean publicationBroken;

  private VersionSet(
      VersionEnv env,
      StoreState.Identity identity,
      StoreStateBuilder first,
      Map<Long, Integer> files,
      long firstFreeNumber) {
    this.identity = identity;
    this.files = files;
    references = new TableReferences(env.listener());
    StoreState state = first.build(references);
    published = new PublishedState(references, env.listener(), state);
    fileNumbers = new FileNumbers(Math.max(state.nextFileNumber(), firstFreeNumber));
    nextFamilyId = new AtomicInteger(state.nextFamilyId());
    givenUp = new OrphanTables(env.listener());
    log = new ManifestLog(env, identity, fileNumbers, givenUp);
  }

  /**
   * Makes a new store with one family, {@link Family#DEFAULT_NAME}. Durable on return.
   *
   * @param env what it needs
   * @return to be closed by the caller
   * @throws CorruptionException if the directory holds tables or logs although CURRENT is missing
   */
  public static VersionSet create(VersionEnv env) {
    DirectoryListing found = DirectoryListing.list(env);
    found.checkNoStore();
    StoreStateBuilder state = new StoreStateBuilder(StoreState.empty());
    CreatedFamily family =
        new CreatedFamily(
            Family.DEFAULT_ID,
            Family.DEFAULT_NAME,
            VersionEdit.BYTEWISE_COMPARATOR,
            FamilySettings.NONE);
    Map<Long, Integer> files = new HashMap<>();
    VersionEdit edit = VersionEdit.builder().createFamily(family).build();
    state.apply(edit, Family.DEFAULT_ID + 1, files, IllegalStateException::new);
    StoreState.Identity identity =
        new StoreState.Identity(
            env.random().getAsLong(), env.random().getAsLong(), found.newSession());
    VersionSet set = new VersionSet(env, identity, state, files, found.firstFreeNumber());
    set.start(found);
    return set;
  }

  /**
   * Opens the store that CURRENT describes: replays its manifest, checks that every table is there
   * with its size, then writes a fresh manifest, durable on return.
   *
   * @param env what it needs
   * @return to be closed by the caller
   * @throws CorruptionException if CURRENT, the manifest or a table is not as it was written
   */
  public static VersionSet recover(VersionEnv env) {
    DirectoryListing found = DirectoryListing.list(env);
    CurrentFile current = CurrentFile.read(env.fs(), env.directory());
    ManifestReader.Replay replay = ManifestReader.read(env.fs(), env.directory(), current);
    StoreState.Identity identity =
        new StoreState.Identity(
            replay.header().owner(), replay.header().detail(), found.newSession());
    long firstFreeNumber = Math.max(found.firstFreeNumber(), current.manifestNumber() + 1);
    VersionSet set = new VersionSet(env, identity, replay.state(), replay.files(), firstFreeNumber);
    String manifestName = FileNames.manifest(current.manifestNumber());
    if (!set.published.get().families().containsKey(Family.DEFAULT_ID)) {
      throw new CorruptionException(
          env.directory().resolve(manifestName).toString(), -1, "there is no default family");
    }
    found.checkTables(set.references.tables());
    if (replay.cutAt() >= 0) {
      set.cutTail = new ManifestReader.CutTail(manifestName, replay.cutAt(), replay.cutBytes());
    }
    set.loggedAtClose = replay.loggedAtClose();
    set.start(found);
    return set;
  }

  /** Writes the first manifest of this opening. */
  private void start(DirectoryListing found) {
    log.roll(published.get());
    leftovers = found.leftovers(references, log.number());
  }

  /**
   * The current version of a family. Retain it with {@link Version#tryRetain} before use, and ask
   * again if that fails.
   *
   * @param family id of a living family
   * @return its version
   */
  public Version current(int family) {
    return published.entry(family).version();
  }

  /**
   * The living families.
   *
   * @return by ascending id
   */
  public List<Family> families() {
    return published.get().families().values().stream().map(StoreState.Entry::family).toList();
  }

  /**
   * One family.
   *
   * @param family id of a living family
   * @return what is known of it now
   */
  public Family family(int family) {
    return published.entry(family).family();
  }

  /**
   * The current state with a reference to each of its versions.
   *
   * @return to be given back with {@link StoreState#unpin}
   */
  StoreState pin() {
    return published.pin();
  }

  /**
   * Writes a manifest with CURRENT for a pinned state into another directory, durably: the last
   * step of a checkpoint. The tables must stand there already.
   *
   * @param directory without CURRENT and without a manifest
   * @param pinned the state to describe
   */
  void export(Path directory, StoreState pinned) {
    log.export(directory, pinned);
  }

  /**
   * Takes a number for a new file; it is never given out again.
   *
   * @return the number
   */
  public long newFileNumber() {
    return fileNumbers.take();
  }

  /**
   * Takes an id for a new family; it is never given out again.
   *
   * @return the id
   */
  public int nextFamilyId() {
    return nextFamilyId.getAndIncrement();
  }

  /**
   * Whether an id has been given to a family, which may have been dropped since. Any thread.
   *
   * @param id a number found in a batch or a log
   * @return false for an id that is yet to be given
   */
  public boolean hasGivenFamilyId(int id) {
    return id >= 0 && id < nextFamilyId.get();
  }

  /**
   * The id of this opening of the store, part of the names of the tables that it writes.
   *
   * @return random
   */
  public long session() {
    return identity.session();
  }

  /**
   * Identity of the store.
   *
   * @return its upper half
   */
  public long databaseIdHigh() {
    return identity.databaseHigh();
  }

  /**
   * Identity of the store.
   *
   * @return its lower half
   */
  public long databaseIdLow() {
    return identity.databaseLow();
  }

  /**
   * The largest sequence that the manifest or a table knows of; the log may know larger ones.
   *
   * @return 0 for an empty store
   */
  public long lastSequence() {
    return published.get().lastSequence();
  }

  /**
   * Tables, manifests and temporary files that an earlier opening left behind without use. Listed
   * before this opening wrote anything.
   *
   * @return names of files that may be deleted
   */
  public List<String> leftovers() {
    return leftovers;
  }

  /** The part that {@link #recover} cut from the end of the manifest; empty if it ended well. */
  Optional<ManifestReader.CutTail> cutTail() {
    return Optional.ofNullable(cutTail);
  }

  /**
   * The largest sequence that the log had ever held when the store was last closed: a log that ends
   * before it has lost its end.
   *
   * @return empty after anything but a clean close, and in a checkpoint, which comes without a log
   */
  public OptionalLong loggedAtClose() {
    return loggedAtClose;
  }

  /**
   * Whether a change is durable but, because of a failure, not visible as a whole.
   *
   * @return false after any other failure, which has changed nothing
   */
  public boolean isPublicationBroken() {
    logLock.lock();
    try {
      return publicationBroken;
    } finally {
      logLock.unlock();
    }
  }

  /**
   * The number of the manifest in use.
   *
   * @return a file number
   */
  public long manifestNumber() {
    logLock.lock();
    try {
      return log.number();
    } finally {
      logLock.unlock();
    }
  }

  /**
   * As {@link #logAndApply(VersionEdit, Runnable)}, with nothing to run in between.
   *
   * @param edit the change; its next file number may be 0
   */
  public void logAndApply(VersionEdit edit) {
    logAndApply(edit, () -> {});
  }

  /**
   * Makes a change: durable first, visible then.
   *
   * @param edit the change; its next file number may be 0
   * @param beforePublish run under the log lock when the change is durable, before it is visible
   * @throws IllegalStateException if it does not fit the current state; nothing happened then
   * @throws ForceFailedException if forcing failed: the store should take no more writes
   * @throws StorageException if writing failed; a later change starts with a fresh manifest
   */
  public void logAndApply(VersionEdit edit, Runnable beforePublish) {
    logLock.lock();
    try {
      if (closed) {
        throw new DbClosedException("the store is closed");
      }
      VersionEdit complete = edit.withNextFileNumber(fileNumbers.skipTo(edit.nextFileNumber()));
      List<FileMetadata> newTables = givenUp.newTables(complete);
      StoreState before = published.get();
      boolean applied = false;
      boolean attempted = false;
      try {
        int familyIds = complete.createdFamilies().isEmpty() ? 0 : nextFamilyId.get();
        StoreStateBuilder builder = new StoreStateBuilder(before);
        builder.apply(complete, familyIds, files, IllegalStateException::new);
        StoreState next = builder.build(references);
        byte[] payload = EditCodec.encodeReadable(complete, familyIds);
        attempted = true;
        log.append(payload, !newTables.isEmpty(), before);
        applied = true;
        publicationBroken = true; // until all of it is done
        try {
          beforePublish.run();
        } finally {
          published.publish(next);
        }
        publicationBroken = false;
      } finally {
        if (!applied) {
          // Undoes what the refused edit did to the map.
          files = before.familiesOfFiles();
          if (attempted) {
            givenUp.add(newTables, log.inDoubt());
          }
        }
      }
    } finally {
      logLock.unlock();
    }
  }

  /** Closes after an opening that logged nothing: {@link #loggedAtClose} goes on to hold. */
  @Override
  public void close() {
    close(loggedAtClose);
  }

  /**
   * Ends the manifest cleanly, unless it is in doubt, which the next opening settles. No file is
   * reported obsolete afterwards; the next opening finds them as {@link #leftovers}.
   *
   * @param lastLogged what the next opening gets as {@link #loggedAtClose}: all of the log up to
   *     there must be durable; empty if not known
   */
  public void close(OptionalLong lastLogged) {
    logLock.lock();
    try {
      if (!closed) {
        closed = true;
        references.close();
        log.close(lastLogged);
      }
    } finally {
      logLock.unlock();
    }
  }
}
