package io.lsmdb.internal.engine;

import io.lsmdb.DbException;
import io.lsmdb.DbOptions;
import io.lsmdb.EventListener;
import io.lsmdb.internal.memtable.ChunkPool;
import io.lsmdb.internal.version.TableCache;
import io.lsmdb.internal.version.VersionSet;
import java.nio.file.Path;
import java.util.function.Consumer;
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
  private final StateMonitor monitor = new StateMonitor();
  private final ReadGate gate = new ReadGate();
  private final FamilyRegistry families = new FamilyRegistry();
  private final EngineStats stats = new EngineStats();
  private final FailureLatch failure;
  private final ChunkPool chunks;
  private final TableCache tables;

  private VersionSet versions;
  private SnapshotList snapshots;
  private CommitQueue queue;
  private LogManager log;
  private BackgroundWorker background;
  private FileDeleter deleter;
  private volatile boolean closing;

  EngineContext(
      Path directory, DbOptions options, Environment env, ChunkPool chunks, TableFactory tables) {
    this.directory = directory;
    this.options = options;
    this.env = env;
    this.chunks = chunks;
    this.failure = new FailureLatch(e -> tell(listener -> listener.onBackgroundError(e)));
    this.tables = tables.create(gate::retire);
  }

  /** Makes the table cache, given the way to release what readers may still use. */
  interface TableFactory {
    /** Makes the cache. */
    TableCache create(Consumer<Runnable> afterReaders);
  }

  /** Sets the version set, known once the manifest has been read. */
  void recovered(VersionSet recoveredVersions, FileDeleter fileDeleter) {
    versions = recoveredVersions;
    deleter = fileDeleter;
  }

  /** Sets the parts of the write path, known once the log has been read. */
  void start(CommitQueue commitQueue, LogManager logManager, SnapshotList snapshotList) {
    queue = commitQueue;
    log = logManager;
    snapshots = snapshotList;
  }

  /** Sets the background work. */
  void attach(BackgroundWorker worker) {
    background = worker;
  }

  /** Tells the user's listener something; its failure is logged and goes no further. */
  void tell(Consumer<EventListener> event) {
    try {
      event.accept(options.listener());
    } catch (RuntimeException e) {
      LOG.warn("the event listener failed; the store goes on", e);
    }
  }

  /** Reports a failure that has no caller and does no harm. */
  static void warn(String what, DbException e) {
    LOG.warn(what, e);
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

  StateMonitor monitor() {
    return monitor;
  }

  ReadGate gate() {
    return gate;
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
    return chunks;
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

  LogManager log() {
    return log;
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
