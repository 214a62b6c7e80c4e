package io.lsmdb.internal.engine;

import io.lsmdb.ColumnFamilyOptions;
import io.lsmdb.DbException;
import io.lsmdb.DbOptions;
import io.lsmdb.EventListener;
import io.lsmdb.TimeSource;
import io.lsmdb.internal.base.StoreToken;
import io.lsmdb.internal.compaction.DropRules;
import io.lsmdb.internal.compaction.JobEnvironment;
import io.lsmdb.internal.compaction.KeptEntries;
import io.lsmdb.internal.key.InternalKey;
import io.lsmdb.internal.memtable.ChunkPool;
import io.lsmdb.internal.table.ShardedBlockCache;
import io.lsmdb.internal.version.TableCache;
import io.lsmdb.internal.version.TableEnv;
import io.lsmdb.internal.version.VersionEdit;
import io.lsmdb.internal.version.VersionSet;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The parts of one open store, wired together once while it is opened.
 *
 * <p>Thread-safe after {@link #start}. Holds references and no logic, so that each part can be read
 * for itself.
 */
final class EngineContext {
  private static final Logger LOG = LoggerFactory.getLogger("io.lsmdb");

  private final Path directory;
  private final DbOptions options;
  private final Environment env;
  private final DbMutex monitor = new DbMutex();
  private final StoreToken token;
  private final ReadGate gate;
  private final CallbackThreads callbacks = new CallbackThreads();
  private final FamilyRegistry families = new FamilyRegistry();
  private final EngineStats stats = new EngineStats();
  private final FailureLatch failure;
  private final EngineTuning tuning;
  private final IdleMemory idleMemory;
  private final ShardedBlockCache cache;
  private final TableCache tables;
  private final WriteBuffers writeBuffers;
  private final WriteController controller;
  private final MemTableSealer sealer;
  private final ExecutorService fileExecutor;
  private final KeySorter keySorter;
  private final LogUpkeep logUpkeep = new LogUpkeep(this);

  private VersionSet versions;
  private SnapshotList snapshots;
  private CommitQueue queue;
  private LogManager log;
  private CommitPipeline applier;
  private BackgroundWorker background;
  private FileDeleter deleter;
  private volatile boolean closing;

  EngineContext(
      Path directory,
      DbOptions options,
      Environment env,
      EngineTuning tuning,
      ShardedBlockCache cache) {
    this.directory = directory;
    this.token = new StoreToken(directory.toString());
    this.gate = new ReadGate(token.toString());
    this.options = options;
    this.env = env;
    this.tuning = tuning;
    this.cache = cache;
    this.failure = new FailureLatch(token.toString(), this::writesStopped);
    this.writeBuffers = new WriteBuffers(options.dbWriteBufferSize());
    this.idleMemory = new IdleMemory(env.executors());
    this.controller = new WriteController(this);
    this.sealer = new MemTableSealer(this);
    this.fileExecutor = env.executors().create("files", 1);
    this.keySorter = new KeySorter(env.executors());
    this.tables =
        new TableCache(
            new TableEnv(
                env.fileSystem(),
                directory,
                cache,
                cache.newOwner(gate),
                options.maxOpenFiles(),
                gate::retire,
                release -> fileExecutor.execute(() -> giveBack(release))));
  }

  /** Sets the version set, known once the manifest has been read, and what the replay needs. */
  void recovered(VersionSet recoveredVersions, FileDeleter fileDeleter) {
    versions = recoveredVersions;
    deleter = fileDeleter;
    snapshots = new SnapshotList(this::visibleSequence, this::snapshotClosed);
    background = new BackgroundWorker(this);
  }

  /** Sets the parts of the write path, known once the log has been read. */
  void start(LogManager logManager, CommitPipeline commitApplier) {
    log = logManager;
    applier = commitApplier;
    queue = new CommitQueue(this, commitApplier);
    background.schedule();
    families.all().forEach(family -> keySorter.offer(family.readState().mutable()));
  }

  /** The settings of a family by name. */
  ColumnFamilyOptions familyOptions(String name) {
    return options.familyOptions().getOrDefault(name, options.defaultFamilyOptions());
  }

  /**
   * A visible sequence, or the one after it, such that the group of each write above it begins
   * after this call has begun: a group that is under way publishes no less than the one after.
   */
  long groupBound() {
    boolean led = queue.isLed();
    long visible = applier.visibleSequence();
    return led ? visible + 1 : visible;
  }

  /** All operations up to this one can be read; all there are while the log is replayed. */
  long visibleSequence() {
    return isStarted() ? applier.visibleSequence() : InternalKey.MAX_SEQUENCE;
  }

  /** Whether there are snapshots. See {@link SnapshotList}. */
  boolean mayHaveSnapshots() {
    return snapshots.mayExist();
  }

  /** Whether the log has been replayed, so that there is a write path and background work. */
  boolean isStarted() {
    return queue != null;
  }

  /** Looks for background work, once the store is started. */
  void scheduleWork() {
    if (isStarted()) {
      background.schedule();
    }
  }

  /** Looks for tables that a snapshot has kept, or kept large. */
  private void snapshotClosed(long sequence, boolean oldest) {
    for (ColumnFamilyState family : families.all()) {
      if (family.mayShrinkWithout(sequence, oldest)) {
        background.compactions().versionChanged();
        scheduleWork();
        return;
      }
    }
  }

  /** Tells the user's listener something; its failure is logged and goes no further. */
  void tell(Consumer<EventListener> event) {
    try {
      event.accept(options.listener());
    } catch (Throwable e) {
      LOG.warn("the event listener failed; the store goes on", e);
    }
  }

  /** Tells that user code failed on entries that were rewritten, without a byte of these. */
  void tellKept(ColumnFamilyState family, EventListener.Work work, KeptEntries kept) {
    if (kept.count() == 0) {
      return;
    }
    DbException first = kept.first();
    Throwable cause = first.getCause();
    LOG.warn(
        "{} of column family {} left {} keys as they were; the first because of {}",
        work,
        family.name(),
        kept.count(),
        cause == null ? "too much data to fold" : cause.getClass().getName());
    tell(listener -> listener.onEntriesKept(family.name(), work, kept.count(), first));
  }

  /** Keeps readers from going behind what an edit drops that is about to be published. */
  void droppedExpired(VersionEdit edit) {
    for (VersionEdit.DropClock dropped : edit.dropClocks()) {
      ColumnFamilyState family = families.byId(dropped.family());
      if (family != null) {
        family.clock().dropped(dropped.clock());
      }
    }
  }

  /** The clock by which entries expire, in ms. */
  LongSupplier timeSource() {
    TimeSource source = options.timeSource();
    return source == null ? env.clockMillis() : () -> ask(source);
  }

  private long ask(TimeSource source) {
    int slot = callbacks.enter();
    try {
      return source.currentTimeMillis();
    } finally {
      callbacks.exit(slot);
    }
  }

  /** What flushes and compactions of a family need that go by certain rules. */
  JobEnvironment jobEnvironment(ColumnFamilyState family, DropRules rules) {
    ColumnFamilyOptions familyOptions = family.options();
    return new JobEnvironment(
        env.fileSystem(),
        directory,
        tables,
        versions::newFileNumber,
        env.random(),
        new JobEnvironment.DatabaseId(versions.databaseIdHigh(), versions.databaseIdLow()),
        versions.session(),
        env.clockMillis(),
        level -> CompactionWork.tableFormat(familyOptions, level),
        rules,
        background.compactionExecutor(),
        options.maxBackgroundJobs() - 1);
  }

  private void writesStopped(DbException reason) {
    if (background != null) {
      background.compactions().endRequests(reason);
    }
    tell(listener -> listener.onBackgroundError(reason));
  }

  /** Gives back what readers have used; a failure, such as that of closing a file, harms none. */
  static void giveBack(Runnable release) {
    try {
      release.run();
    } catch (DbException e) {
      warn("what readers have used cannot be given back", e);
    }
  }

  /** Reports a failure that has no caller and does no harm. */
  static void warn(String what, DbException e) {
    LOG.warn(what, e);
  }

  /** Leaves to the collector what a closed store would keep as long as somebody holds it. */
  void releaseMemory() {
    families.all().forEach(ColumnFamilyState::close);
    idleMemory.close();
    if (options.blockCache() == null) {
      cache.setCapacity(0);
    }
  }

  Path directory() {
    return directory;
  }

  DbOptions options() {
    return options;
  }

  Environment env() {
    return env;
  }

  EngineTuning tuning() {
    return tuning;
  }

  DbMutex monitor() {
    return monitor;
  }

  ReadGate gate() {
    return gate;
  }

  /** The identity of this opening of the store. */
  StoreToken token() {
    return token;
  }

  /** Who runs code of the user inside of a call. */
  CallbackThreads callbacks() {
    return callbacks;
  }

  FamilyRegistry families() {
    return families;
  }

  EngineStats stats() {
    return stats;
  }

  FailureLatch failure() {
    return failure;
  }

  ChunkPool chunks() {
    return idleMemory.chunks();
  }

  WriteBuffers writeBuffers() {
    return writeBuffers;
  }

  ShardedBlockCache cache() {
    return cache;
  }

  WriteController controller() {
    return controller;
  }

  TableCache tables() {
    return tables;
  }

  VersionSet versions() {
    return versions;
  }

  SnapshotList snapshots() {
    return snapshots;
  }

  CommitQueue queue() {
    return queue;
  }

  CommitPipeline applier() {
    return applier;
  }

  MemTableSealer sealer() {
    return sealer;
  }

  KeySorter keySorter() {
    return keySorter;
  }

  /** Prepares and retires log segments, deletes tables. */
  ExecutorService fileExecutor() {
    return fileExecutor;
  }

  LogManager log() {
    return log;
  }

  LogUpkeep logUpkeep() {
    return logUpkeep;
  }

  BackgroundWorker background() {
    return background;
  }

  FileDeleter deleter() {
    return deleter;
  }

  boolean isClosing() {
    return closing;
  }

  void setClosing() {
    closing = true;
  }
}
