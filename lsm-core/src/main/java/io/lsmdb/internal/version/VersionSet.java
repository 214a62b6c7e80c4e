package io.lsmdb.internal.version;

import io.lsmdb.CorruptionException;
import io.lsmdb.DbClosedException;
import io.lsmdb.StorageException;
import io.lsmdb.internal.fs.FileNames;
import io.lsmdb.internal.fs.FileSystem;
import io.lsmdb.internal.version.VersionEdit.AddedFile;
import io.lsmdb.internal.version.VersionEdit.CreatedFamily;
import io.lsmdb.internal.version.VersionEdit.RemovedFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * The current version of every family, kept in step with the manifest.
 *
 * <p>Thread-safe. Owned by the engine, which closes it after its background work has ended.
 *
 * <ol>
 *   <li>A change is durable in the manifest before anybody sees it.
 *   <li>After a failed or doubtful write nothing is appended to that manifest, the state stays as it
 *       was, and no file that either outcome names is reported obsolete until a fresh manifest and
 *       CURRENT are durable; the next change writes them first.
 *   <li>A table is reported obsolete once at most: when no version names it, which implies that its
 *       removal is durable, since a version loses its last reference only after its successor was
 *       published.
 *   <li>Tables added by an edit belong to the version set from the call of {@link #logAndApply} on. If
 *       that fails with a {@link StorageException} they are given up: never to be offered again, and
 *       reported obsolete as soon as no doubt is left.
 * </ol>
 *
 * <p>Lock order: log lock, then reference lock. Listeners are called without the reference lock.
 */
public final class VersionSet implements AutoCloseable {
  /** A manifest is replaced when it is so many times as large as its initial description. */
  private static final int ROLL_FACTOR = 4;

  private final VersionEnv env;
  private final long session;
  private final long databaseIdHigh;
  private final long databaseIdLow;
  private final AtomicLong nextFileNumber;
  private final AtomicInteger nextFamilyId;

  /** Written under both locks, read by anybody. */
  private volatile StoreState state;

  // Guarded by the log lock.
  private final ReentrantLock logLock = new ReentrantLock();
  private final Set<Long> givenUp = new HashSet<>();
  private final List<FileMetadata> doubtful = new ArrayList<>();
  private final TreeSet<Long> staleManifests = new TreeSet<>();
  private Map<Long, Integer> files;
  private Manifest manifest;
  private List<String> leftovers = List.of();
  private CutTail cutTail;

  // Guarded by the reference lock; closed is written under both.
  private final Object referenceLock = new Object();
  private final Map<Long, FileMetadata> live = new HashMap<>();
  private volatile boolean closed;

  /**
   * An edit that was never acknowledged and was cut from the end of a manifest.
   *
   * @param file name of the manifest
   * @param offset where the cut was made
   * @param bytes how many bytes were ignored
   */
  public record CutTail(String file, long offset, long bytes) {}

  private VersionSet(
      VersionEnv env, StoreStateBuilder state, Identity identity, Map<Long, Integer> files) {
    this.env = env;
    this.session = identity.session;
    this.databaseIdHigh = identity.high;
    this.databaseIdLow = identity.low;
    this.state = state.build(this::unused);
    this.files = files;
    this.nextFileNumber =
        new AtomicLong(Math.max(this.state.nextFileNumber(), identity.firstFreeNumber));
    this.nextFamilyId = new AtomicInteger(this.state.nextFamilyId());
    for (StoreState.Entry entry : this.state.families().values()) {
      count(entry.version());
    }
  }

  private record Identity(long high, long low, long session, long firstFreeNumber) {}

  /**
   * Makes a new store with one family, {@link Family#DEFAULT_NAME}. Durable on return.
   *
   * @param env what it needs
   * @return to be closed by the caller
   * @throws CorruptionException if the directory holds tables or logs although CURRENT is missing
   */
  public static VersionSet create(VersionEnv env) {
    List<String> names = env.fs().list(env.directory());
    for (String name : names) {
      Optional<FileNames.Type> type = FileNames.parse(name).map(FileNames.Parsed::type);
      if (type.isPresent() && type.get() == FileNames.Type.CURRENT) {
        throw new IllegalStateException("there is a store already");
      }
      if (type.isPresent()
          && (type.get() == FileNames.Type.TABLE || type.get() == FileNames.Type.LOG)) {
        throw new CorruptionException(
            FileNames.CURRENT, -1, "the store has data (" + name + ") and no pointer to its manifest");
      }
    }
    StoreStateBuilder state = new StoreStateBuilder(StoreState.empty());
    CreatedFamily family =
        new CreatedFamily(
            Family.DEFAULT_ID, Family.DEFAULT_NAME, VersionEdit.BYTEWISE_COMPARATOR, "", 0);
    VersionEdit edit =
        new VersionEdit(List.of(family), List.of(), List.of(), List.of(), List.of(), 0, 0);
    Map<Long, Integer> files = new HashMap<>();
    state.apply(edit, Family.DEFAULT_ID + 1, files, IllegalStateException::new);
    LongSupplier random = env.random();
    Identity identity =
        new Identity(
            random.getAsLong(), random.getAsLong(), newSession(random, names), firstFree(names));
    VersionSet set = new VersionSet(env, state, identity, files);
    set.roll();
    set.findLeftovers(names);
    return set;
  }

  /**
   * Opens the store that CURRENT describes: replays its manifest, checks that every table is there with
   * its size, then writes a fresh manifest, durable on return.
   *
   * @param env what it needs
   * @return to be closed by the caller
   * @throws CorruptionException if CURRENT, the manifest or a table is not as it was written
   */
  public static VersionSet recover(VersionEnv env) {
    List<String> names = env.fs().list(env.directory());
    CurrentFile current = CurrentFile.read(env.fs(), env.directory());
    ManifestReader.Replay replay = ManifestReader.read(env.fs(), env.directory(), current);
    Identity identity =
        new Identity(
            replay.header().databaseIdHigh(),
            replay.header().databaseIdLow(),
            newSession(env.random(), names),
            Math.max(firstFree(names), current.manifestNumber() + 1));
    VersionSet set = new VersionSet(env, replay.state(), identity, replay.files());
    String manifestName = FileNames.manifest(current.manifestNumber());
    if (!set.state.families().containsKey(Family.DEFAULT_ID)) {
      throw new CorruptionException(manifestName, -1, "there is no default family");
    }
    set.checkTables(names);
    if (replay.cutAt() >= 0) {
      set.cutTail = new CutTail(manifestName, replay.cutAt(), replay.cutBytes());
    }
    set.roll();
    set.findLeftovers(names);
    return set;
  }

  private static long newSession(LongSupplier random, List<String> names) {
    Set<Long> used = new HashSet<>();
    for (String name : names) {
      FileNames.parse(name).ifPresent(parsed -> used.add(parsed.session()));
    }
    long session;
    do {
      session = random.getAsLong();
    } while (session == 0 || used.contains(session));
    return session;
  }

  /** Behind every number in the directory, left over or not, so that no name is used twice. */
  private static long firstFree(List<String> names) {
    long max = 0;
    for (String name : names) {
      long number = FileNames.parse(name).map(FileNames.Parsed::number).orElse(0L);
      if (number < EditCodec.MAX_FILE_NUMBER) {
        max = Math.max(max, number);
      }
    }
    return max + 1;
  }

  private void checkTables(List<String> names) {
    Set<String> present = new HashSet<>(names);
    for (FileMetadata file : live.values()) {
      String name = FileNames.table(file.number(), file.session());
      if (!present.contains(name)) {
        throw new CorruptionException(name, -1, "table named by the manifest is missing");
      }
      long size = env.fs().size(env.directory().resolve(name));
      if (size != file.size()) {
        throw new CorruptionException(
            name, size, "table of " + size + " bytes instead of " + file.size());
      }
    }
  }

  /** What stood there before this opening wrote anything, hence nobody's work in progress. */
  private void findLeftovers(List<String> names) {
    List<String> found = new ArrayList<>();
    for (String name : names) {
      FileNames.parse(name)
          .filter(
              parsed ->
                  switch (parsed.type()) {
                    case TABLE -> !isLive(parsed);
                    case MANIFEST -> parsed.number() != manifest.number();
                    case TEMPORARY -> true;
                    default -> false;
                  })
          .ifPresent(parsed -> found.add(name));
    }
    leftovers = List.copyOf(found);
  }

  private boolean isLive(FileNames.Parsed table) {
    FileMetadata file = live.get(table.number());
    return file != null && file.session() == table.session();
  }

  /**
   * The current version of a family. Retain it with {@link Version#tryRetain} before use, and ask
   * again if that fails.
   *
   * @param family id of a living family
   * @return its version
   */
  public Version current(int family) {
    StoreState.Entry entry = state.families().get(family);
    if (entry == null) {
      throw new IllegalArgumentException("there is no family " + family);
    }
    return entry.version();
  }

  /**
   * The living families.
   *
   * @return by ascending id
   */
  public List<Family> families() {
    return state.families().values().stream().map(StoreState.Entry::family).toList();
  }

  /**
   * One family.
   *
   * @param family id of a living family
   * @return what is known of it now
   */
  public Family family(int family) {
    StoreState.Entry entry = state.families().get(family);
    if (entry == null) {
      throw new IllegalArgumentException("there is no family " + family);
    }
    return entry.family();
  }

  /**
   * The current state with a reference to each of its versions.
   *
   * @return to be given back with {@link StoreState#unpin}
   */
  public StoreState pin() {
    synchronized (referenceLock) {
      StoreState pinned = state;
      for (StoreState.Entry entry : pinned.families().values()) {
        entry.version().retain();
      }
      return pinned;
    }
  }

  /**
   * Writes a manifest with CURRENT for a pinned state into another directory, durably: the last step of
   * a checkpoint. The tables must stand there already.
   *
   * @param directory without CURRENT and without a manifest
   * @param pinned the state to describe
   */
  public void export(Path directory, StoreState pinned) {
    long number = pinned.nextFileNumber();
    ManifestFormat.Header header = newHeader(number);
    try (Manifest copy = Manifest.create(env.fs(), directory, header, pinned, number + 2)) {
      copy.finish(number + 1);
    }
  }

  /**
   * Takes a number for a new file; it is never given out again.
   *
   * @return the number
   */
  public long newFileNumber() {
    long number = nextFileNumber.getAndIncrement();
    if (number >= EditCodec.MAX_FILE_NUMBER) {
      throw new IllegalStateException("file numbers are used up");
    }
    return number;
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
    return session;
  }

  /**
   * Identity of the store.
   *
   * @return its upper half
   */
  public long databaseIdHigh() {
    return databaseIdHigh;
  }

  /**
   * Identity of the store.
   *
   * @return its lower half
   */
  public long databaseIdLow() {
    return databaseIdLow;
  }

  /**
   * The largest sequence that the manifest or a table knows of; the log may know larger ones.
   *
   * @return 0 for an empty store
   */
  public long lastSequence() {
    return state.lastSequence();
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

  /**
   * What {@link #recover} cut from the end of the manifest.
   *
   * @return empty when it ended well
   */
  public Optional<CutTail> cutTail() {
    return Optional.ofNullable(cutTail);
  }

  /**
   * The number of the manifest in use.
   *
   * @return a file number
   */
  public long manifestNumber() {
    logLock.lock();
    try {
      return manifest.number();
    } finally {
      logLock.unlock();
    }
  }

  /**
   * The tables that must not be deleted: those of all versions in use, those in doubt.
   *
   * @return their numbers, a copy
   */
  public Set<Long> liveFiles() {
    logLock.lock();
    try {
      Set<Long> numbers = new HashSet<>();
      doubtful.forEach(file -> numbers.add(file.number()));
      synchronized (referenceLock) {
        numbers.addAll(live.keySet());
      }
      return numbers;
    } finally {
      logLock.unlock();
    }
  }

  /**
   * Makes a change: durable first, visible then.
   *
   * @param edit the change; its next file number may be 0
   * @throws IllegalStateException if it does not fit the current state; nothing happened then
   * @throws ForceFailedException if forcing failed: the store should take no more writes
   * @throws StorageException if writing failed; a later change starts with a fresh manifest
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
      VersionEdit complete = complete(edit);
      List<FileMetadata> fresh = freshTables(complete);
      boolean applied = false;
      boolean attempted = false;
      try {
        int familyIds = complete.createdFamilies().isEmpty() ? 0 : nextFamilyId.get();
        StoreStateBuilder builder = new StoreStateBuilder(state);
        builder.apply(complete, familyIds, files, IllegalStateException::new);
        StoreState next = builder.build(this::unused);
        byte[] payload = encode(complete, familyIds);
        attempted = true;
        persist(payload, !fresh.isEmpty());
        applied = true;
        try {
          beforePublish.run();
        } finally {
          publish(next);
        }
      } finally {
        if (!applied) {
          recount();
          if (attempted) {
            giveUp(fresh);
          }
        }
      }
    } finally {
      logLock.unlock();
    }
  }

  private VersionEdit complete(VersionEdit edit) {
    long numbers =
        nextFileNumber.updateAndGet(next -> Math.max(next, edit.nextFileNumber()));
    return new VersionEdit(
        edit.createdFamilies(),
        edit.removed(),
        edit.added(),
        edit.flushed(),
        edit.droppedFamilies(),
        numbers,
        edit.lastSequence());
  }

  /** The tables that an edit brings into the store, moved ones left out. */
  private List<FileMetadata> freshTables(VersionEdit edit) {
    Set<Long> moved = new HashSet<>();
    for (RemovedFile file : edit.removed()) {
      moved.add(file.number());
    }
    List<FileMetadata> fresh = new ArrayList<>();
    for (AddedFile added : edit.added()) {
      if (givenUp.contains(added.file().number())) {
        throw new IllegalStateException(
            "table " + added.file().number() + " was given up with a failed change");
      }
      if (!moved.contains(added.file().number())) {
        fresh.add(added.file());
      }
    }
    return fresh;
  }

  /** Encodes an edit, and makes sure that it can be read again. */
  private static byte[] encode(VersionEdit edit, int familyIds) {
    byte[] payload = EditCodec.encode(edit, familyIds);
    if (payload.length > EditCodec.MAX_PAYLOAD) {
      throw new IllegalStateException("an edit of " + payload.length + " bytes");
    }
    try {
      EditCodec.decode(payload, "edit", 0);
    } catch (CorruptionException e) {
      throw new IllegalStateException("an edit that could not be read again", e);
    }
    return payload;
  }

  private void persist(byte[] payload, boolean newTables) {
    if (newTables) {
      // The names of the tables must not become durable after the edit that relies on them.
      ForceFailedException.forcing(() -> env.fs().forceDirectory(env.directory()));
    }
    long limit = Math.max(env.manifestRollSize(), ROLL_FACTOR * manifest.initialSize());
    if (manifest.inDoubt() || manifest.size() > limit) {
      roll();
    }
    manifest.append(payload);
  }

  /** Replaces the manifest by a fresh one with the current state. */
  private void roll() {
    long number = newFileNumber();
    staleManifests.add(number);
    Manifest fresh =
        Manifest.create(
            env.fs(), env.directory(), newHeader(number), state, nextFileNumber.get());
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
    settle();
    if (old != null) {
      old.close();
    }
  }

  private ManifestFormat.Header newHeader(long number) {
    return new ManifestFormat.Header(
        number, env.random().getAsLong(), databaseIdHigh, databaseIdLow);
  }

  /** CURRENT durably names a manifest with the current state: all else is history. */
  private void settle() {
    List<FileMetadata> tables = List.copyOf(doubtful);
    doubtful.clear();
    tables.forEach(env.listener()::tableObsolete);
    FileSystem fs = env.fs();
    for (long number : staleManifests.headSet(manifest.number())) {
      for (String name : List.of(FileNames.manifest(number), FileNames.temporary(number))) {
        Path path = env.directory().resolve(name);
        if (fs.exists(path)) {
          env.listener().fileObsolete(path);
        }
      }
    }
    staleManifests.headSet(manifest.number()).clear();
  }

  private void giveUp(List<FileMetadata> tables) {
    for (FileMetadata table : tables) {
      givenUp.add(table.number());
      if (manifest.inDoubt()) {
        doubtful.add(table);
      } else {
        env.listener().tableObsolete(table);
      }
    }
  }

  /** Undoes what a refused edit did to the map of files. */
  private void recount() {
    files = new HashMap<>();
    for (StoreState.Entry entry : state.families().values()) {
      for (int level = 0; level < Version.LEVELS; level++) {
        for (FileMetadata file : entry.version().array(level)) {
          files.put(file.number(), entry.family().id());
        }
      }
    }
  }

  private void publish(StoreState next) {
    StoreState previous = state;
    List<StoreState.Entry> changed = new ArrayList<>();
    synchronized (referenceLock) {
      for (StoreState.Entry entry : next.families().values()) {
        StoreState.Entry before = previous.families().get(entry.family().id());
        if (before == null || before.version() != entry.version()) {
          count(entry.version());
          changed.add(entry);
        }
      }
      state = next;
    }
    try {
      for (StoreState.Entry entry : changed) {
        env.listener().published(entry.family().id(), entry.version());
      }
    } finally {
      for (StoreState.Entry before : previous.families().values()) {
        StoreState.Entry after = next.families().get(before.family().id());
        if (after == null || after.version() != before.version()) {
          before.version().release();
        }
      }
    }
  }

  private void count(Version version) {
    for (int level = 0; level < Version.LEVELS; level++) {
      for (FileMetadata file : version.array(level)) {
        if (file.versions++ == 0) {
          live.put(file.number(), file);
        }
      }
    }
  }

  /** A version has lost its last reference. */
  private void unused(Version version) {
    List<FileMetadata> obsolete = new ArrayList<>();
    synchronized (referenceLock) {
      for (int level = 0; level < Version.LEVELS; level++) {
        for (FileMetadata file : version.array(level)) {
          if (--file.versions == 0) {
            live.remove(file.number());
            obsolete.add(file);
          }
        }
      }
      if (closed) {
        return;
      }
    }
    obsolete.forEach(env.listener()::tableObsolete);
  }

  /**
   * Ends the manifest cleanly, unless it is in doubt, which the next opening settles. No file is
   * reported obsolete afterwards; the next opening finds them as {@link #leftovers}.
   */
  @Override
  public void close() {
    logLock.lock();
    try {
      if (closed) {
        return;
      }
      synchronized (referenceLock) {
        closed = true;
      }
      try (Manifest last = manifest) {
        if (!last.inDoubt()) {
          last.finish(newFileNumber());
        }
      }
    } finally {
      logLock.unlock();
    }
  }
}
