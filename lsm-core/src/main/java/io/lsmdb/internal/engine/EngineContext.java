package io.lsmdb.internal.engine;

import io.lsmdb.ColumnFamilyOptions;
import io.lsmdb.DbException;
import io.lsmdb.DbOptions;
import io.lsmdb.TimeSource;
import io.lsmdb.internal.base.StoreToken;
import io.lsmdb.internal.engine.background.BackgroundThreads;
import io.lsmdb.internal.engine.background.BackgroundWorker;
import io.lsmdb.internal.engine.background.CallbackRules;
import io.lsmdb.internal.engine.background.CompactionWork;
import io.lsmdb.internal.engine.background.ExpiryTimer;
import io.lsmdb.internal.engine.background.FailureJudge;
import io.lsmdb.internal.engine.background.FileDeleter;
import io.lsmdb.internal.engine.background.FlushRequests;
import io.lsmdb.internal.engine.background.FlushTables;
import io.lsmdb.internal.engine.background.FlushWork;
import io.lsmdb.internal.engine.background.JobContext;
import io.lsmdb.internal.engine.background.JobEnvironments;
import io.lsmdb.internal.engine.family.ColumnFamilyState;
import io.lsmdb.internal.engine.family.FamilyEnv;
import io.lsmdb.internal.engine.family.FamilyRegistry;
import io.lsmdb.internal.engine.family.FamilyRules;
import io.lsmdb.internal.engine.family.KeySorter;
import io.lsmdb.internal.engine.family.Sequences;
import io.lsmdb.internal.engine.family.SnapshotList;
import io.lsmdb.internal.engine.family.VisibleSequence;
import io.lsmdb.internal.engine.family.WriteBuffers;
import io.lsmdb.internal.engine.read.FamilyCursors;
import io.lsmdb.internal.engine.read.KeyCounter;
import io.lsmdb.internal.engine.read.PointLookup;
import io.lsmdb.internal.engine.read.ReadEnv;
import io.lsmdb.internal.engine.read.Reads;
import io.lsmdb.internal.engine.runtime.CallbackThreads;
import io.lsmdb.internal.engine.runtime.DbMutex;
import io.lsmdb.internal.engine.runtime.EngineStats;
import io.lsmdb.internal.engine.runtime.EngineTuning;
import io.lsmdb.internal.engine.runtime.Environment;
import io.lsmdb.internal.engine.runtime.EventReporter;
import io.lsmdb.internal.engine.runtime.FailureLatch;
import io.lsmdb.internal.engine.runtime.HarmlessFailure;
import io.lsmdb.internal.engine.runtime.IdleMemory;
import io.lsmdb.internal.engine.runtime.ReadGate;
import io.lsmdb.internal.engine.runtime.StoreLifecycle;
import io.lsmdb.internal.engine.write.CommitEnv;
import io.lsmdb.internal.engine.write.CommitPipeline;
import io.lsmdb.internal.engine.write.CommitQueue;
import io.lsmdb.internal.engine.write.LogManager;
import io.lsmdb.internal.engine.write.LogUpkeep;
import io.lsmdb.internal.engine.write.MemTableSealer;
import io.lsmdb.internal.engine.write.WriteController;
import io.lsmdb.internal.engine.write.Writes;
import io.lsmdb.internal.memtable.ChunkPool;
import io.lsmdb.internal.table.ShardedBlockCache;
import io.lsmdb.internal.version.TableCache;
import io.lsmdb.internal.version.VersionSet;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.function.LongSupplier;

/**
 * The parts of one open store, wired together once while it is opened.
 *
 * <p>Thread-safe after {@link #start}. Holds references and no logic, so that each part can be read
 * for itself.
 */
final class EngineContext {
  private final Path directory;
  private final DbOptions options;
  private final Environment env;
  private final DbMutex mutex = new DbMutex();
  private final StoreToken token;
  private final ReadGate gate;
  private final CallbackThreads callbacks = new CallbackThreads();
  private final FamilyRegistry families;
  private final EngineStats stats = new EngineStats();
  private final EventReporter events;
  private final FailureLatch failure;
  private final StoreLifecycle lifecycle;
  private final EngineTuning tuning;
  private final IdleMemory idleMemory;
  private final ShardedBlockCache cache;
  private final TableCache tables;
  private final VisibleSequence visible = new VisibleSequence();
  private final SnapshotList snapshots = new SnapshotList(visible::get, this::snapshotClosed);
  private final FamilyEnv familyEnv;
  private final MemTableSealer sealer;
  private final ExecutorService fileExecutor;
  private final KeySorter keySorter;
  private final LogUpkeep logUpkeep;
  private final PointLookup lookup;
  private final FamilyCursors cursors;

  private VersionSet versions;
  private CommitQueue queue;
  private LogManager log;
  private CommitPipeline pipeline;
  private WriteController controller;
  private FailureJudge judge;
  private CallbackRules callbackRules;
  private BackgroundWorker background;
  private FlushRequests flushRequests;
  private FileDeleter deleter;

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
    this.families = new FamilyRegistry(token);
    this.events = new EventReporter(options.listener());
    this.failure = new FailureLatch(token.toString(), this::writesStopped);
    this.lifecycle = new StoreLifecycle(failure);
    this.idleMemory = new IdleMemory(env.executors());
    this.fileExecutor = env.executors().create("files", 1);
    this.keySorter = new KeySorter(env.executors());
    WriteBuffers writeBuffers = new WriteBuffers(options.dbWriteBufferSize());
    this.familyEnv =
        new FamilyEnv(
            token,
            gate,
            timeSource(),
            idleMemory.chunks(),
            writeBuffers,
            new Sequences(visible, this::groupBound, snapshots));
    this.sealer =
        new MemTableSealer(
            new MemTableSealer.Env(
                families,
                writeBuffers,
                keySorter,
                mutex,
                options.atomicFlush(),
                this::scheduleWork));
    this.logUpkeep = new LogUpkeep(mutex, families, sealer, lifecycle);
    this.tables =
        new TableCache(
            new TableCache.Env(
                env.fileSystem(),
                directory,
                cache,
                cache.newOwner(gate),
                options.maxOpenFiles(),
                gate::retire,
                release -> fileExecutor.execute(() -> HarmlessFailure.release(release))));
    this.lookup = new PointLookup(tables, callbacks);
    this.cursors = new FamilyCursors(tables, keySorter);
  }

  /** Sets the version set, known once the manifest has been read, and what the replay needs. */
  void recovered(VersionSet recoveredVersions, FileDeleter fileDeleter) {
    versions = recoveredVersions;
    deleter = fileDeleter;
    judge = new FailureJudge(failure, () -> log.hasFailed() || versions.isPublicationBroken());
    ExpiryTimer timer = new ExpiryTimer(env, options.timeSource() == null, mutex, new TimerOwner());
    int compacting = options.maxBackgroundJobs() - 1;
    BackgroundThreads threads = new BackgroundThreads(env.executors(), compacting);
    callbackRules =
        new CallbackRules(token, threads, () -> queue.isLedByCaller(), mutex, callbacks);
    JobContext jobs =
        new JobContext(
            new JobEnvironments(
                env, directory, tables, versions, threads::helpCompaction, compacting),
            versions,
            deleter,
            snapshots,
            stats,
            events);
    CompactionWork compactions =
        new CompactionWork(
            new CompactionWork.Env(mutex, families, lifecycle, env.clockMillis()),
            jobs,
            new CompactionWork.Schedule(timer, this::scheduleWork));
    FlushWork flushes =
        new FlushWork(
            new FlushTables.Env(mutex, families, options.atomicFlush(), threads),
            jobs,
            logUpkeep,
            compactions);
    background =
        new BackgroundWorker(
            new BackgroundWorker.Env(
                mutex, gate, lifecycle, judge, threads, tuning.diskFullRetryNanos()),
            flushes,
            compactions,
            timer);
  }

  /** Carries the news of the timer to the parts that background work consists of. */
  private final class TimerOwner implements ExpiryTimer.Owner {
    @Override
    public boolean isWorking() {
      return lifecycle.isWorking();
    }

    @Override
    public void lookForCompactions() {
      background.compactions().versionChanged();
      background.schedule();
    }

    @Override
    public void failed(Throwable problem) {
      judge.passes(problem);
    }
  }

  /** Sets the parts of the write path, known once the log has been read, and begins work. */
  void start(LogManager logManager, long lastSequence) {
    log = logManager;
    pipeline =
        new CommitPipeline(
            new CommitEnv(log, sealer, keyCounter(), failure, gate, stats), visible, lastSequence);
    queue = new CommitQueue(token, mutex, pipeline);
    controller =
        new WriteController(
            new WriteController.Env(mutex, lifecycle, familyEnv.writeBuffers(), log, stats, events),
            background,
            env.nanoTime());
    flushRequests =
        new FlushRequests(
            new FlushRequests.Env(mutex, families, sealer, gate, failure, options.atomicFlush()),
            queue,
            pipeline,
            background,
            callbackRules);
    logUpkeep.start(log, queue);
    background.schedule();
    families.all().forEach(family -> keySorter.offer(family.readState().mutable()));
  }

  /** The read operations. */
  Reads newReads() {
    return new Reads(
        new ReadEnv(families, gate, visible, tables, callbacks, stats), lookup, cursors);
  }

  /** The write operations. */
  Writes newWrites(Reads reads) {
    return new Writes(
        new Writes.Env(
            families, gate, failure, controller, queue, id -> versions.hasGivenFamilyId(id)),
        reads);
  }

  /** Counts keys for one thread. */
  KeyCounter keyCounter() {
    return new KeyCounter(gate, lookup, cursors);
  }

  /** Adds the state of a family that the version set knows already. */
  ColumnFamilyState addFamily(int id, ColumnFamilyOptions familyOptions) {
    ColumnFamilyState family =
        new ColumnFamilyState(versions.family(id), familyOptions, versions.current(id), familyEnv);
    mutex.run(
        () -> {
          families.add(family);
          FamilyRules.updateStall(family);
        });
    return family;
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
    long sequence = visible.get();
    return led ? sequence + 1 : sequence;
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

  /** The clock by which entries expire, in ms. */
  private LongSupplier timeSource() {
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

  private void writesStopped(DbException reason) {
    if (background != null) {
      background.compactions().endRequests(reason);
    }
    events.report(listener -> listener.onBackgroundError(reason));
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

  DbMutex mutex() {
    return mutex;
  }

  ReadGate gate() {
    return gate;
  }

  /** The identity of this opening of the store. */
  StoreToken token() {
    return token;
  }

  FamilyRegistry families() {
    return families;
  }

  EngineStats stats() {
    return stats;
  }

  EventReporter events() {
    return events;
  }

  FailureLatch failure() {
    return failure;
  }

  StoreLifecycle lifecycle() {
    return lifecycle;
  }

  /** Decides what failures mean. */
  FailureJudge judge() {
    return judge;
  }

  /** Refuses calls from inside callbacks. */
  CallbackRules callbackRules() {
    return callbackRules;
  }

  ChunkPool chunks() {
    return idleMemory.chunks();
  }

  WriteBuffers writeBuffers() {
    return familyEnv.writeBuffers();
  }

  ShardedBlockCache cache() {
    return cache;
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

  CommitPipeline pipeline() {
    return pipeline;
  }

  VisibleSequence visible() {
    return visible;
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

  /** Flushes on request. */
  FlushRequests flushRequests() {
    return flushRequests;
  }
}
