package io.lsmdb.internal.engine;

import io.lsmdb.CorruptionException;
import io.lsmdb.Db;
import io.lsmdb.DbOptions;
import io.lsmdb.InsufficientMemoryException;
import io.lsmdb.InvalidOptionsException;
import io.lsmdb.StorageException;
import io.lsmdb.internal.engine.background.FileDeleter;
import io.lsmdb.internal.engine.family.ColumnFamilyState;
import io.lsmdb.internal.engine.family.FamilyRules;
import io.lsmdb.internal.engine.read.KeyCounter;
import io.lsmdb.internal.engine.runtime.EngineTuning;
import io.lsmdb.internal.engine.runtime.Environment;
import io.lsmdb.internal.fs.FileNames;
import io.lsmdb.internal.fs.FileSystem;
import io.lsmdb.internal.table.ShardedBlockCache;
import io.lsmdb.internal.version.FileMetadata;
import io.lsmdb.internal.version.Version;
import io.lsmdb.internal.version.VersionEnv;
import io.lsmdb.internal.version.VersionSet;
import java.nio.file.Path;
import java.util.Objects;
import java.util.function.BiFunction;

/**
 * The opening of a store, step by step: lock, manifest, families, log, background work.
 *
 * <p>Used once, by one thread. If a step fails, what the steps before it have opened is closed
 * again.
 */
final class StoreOpener {
  private final Path given;
  private final DbOptions options;
  private final Environment env;
  private final EngineTuning tuning;

  StoreOpener(Path directory, DbOptions options, Environment env, EngineTuning tuning) {
    this.given = Objects.requireNonNull(directory, "directory").toAbsolutePath().normalize();
    this.options = Objects.requireNonNull(options, "options");
    this.env = env;
    this.tuning = tuning;
  }

  /**
   * Opens the store.
   *
   * @param facade makes what users see of an open store
   */
  Db open(BiFunction<EngineContext, StoreCloser, Db> facade) {
    try {
      return lockAndOpen(facade);
    } catch (OutOfMemoryError e) {
      throw new InsufficientMemoryException("the store in " + given + " was not opened", e);
    }
  }

  private Db lockAndOpen(BiFunction<EngineContext, StoreCloser, Db> facade) {
    FileSystem fs = env.fileSystem();
    if (options.createIfMissing()) {
      fs.createDirectories(given);
    } else if (!fs.exists(given)) {
      throw new StorageException(
          "open the store in", given.toString(), StorageException.Reason.NOT_FOUND, null);
    }
    Path directory = fs.realPath(given);
    FileSystem.AutoLock lock = fs.lock(directory.resolve(FileNames.LOCK));
    StoreCloser closer = new StoreCloser(lock);
    try {
      return open(directory, closer, facade);
    } catch (RuntimeException | Error e) {
      closer.abandon(e);
      throw e;
    }
  }

  private Db open(
      Path directory, StoreCloser closer, BiFunction<EngineContext, StoreCloser, Db> facade) {
    EngineContext context = new EngineContext(directory, options, env, tuning, blockCache());
    closer.opened(context);
    FileDeleter deleter =
        new FileDeleter(env.fileSystem(), directory, context.tables(), context.fileExecutor());
    boolean isNewStore = !env.fileSystem().exists(directory.resolve(FileNames.CURRENT));
    VersionSet versions = versions(directory, new Publisher(context, deleter));
    context.recovered(versions, deleter);
    versions.leftovers().forEach(name -> deleter.deleteLeftover(directory.resolve(name)));
    new FamilyLoader(context, isNewStore).load();
    Recovery recovery = new Recovery(context);
    recovery.run();
    context.start(recovery.log(), recovery.lastSequence());
    context.logUpkeep().retire(); // of what was flushed while it was replayed
    context.logUpkeep().rollUnneeded();
    KeyCounter counter = context.keyCounter();
    long visible = context.visible().get();
    context.families().all().forEach(family -> counter.countAll(family, visible));
    return facade.apply(context, closer);
  }

  private ShardedBlockCache blockCache() {
    if (options.blockCache() == null) {
      return new ShardedBlockCache(options.blockCacheSize());
    }
    if (options.blockCache() instanceof ShardedBlockCache shared) {
      return shared;
    }
    throw new InvalidOptionsException("blockCache must come from Db.newBlockCache");
  }

  private VersionSet versions(Path directory, VersionEnv.Listener listener) {
    VersionEnv versionEnv =
        new VersionEnv(env.fileSystem(), directory, env.random(), tuning.manifestRoll(), listener);
    if (env.fileSystem().exists(directory.resolve(FileNames.CURRENT))) {
      return VersionSet.recover(versionEnv);
    }
    if (!options.createIfMissing()) {
      throw new CorruptionException(
          directory.resolve(FileNames.CURRENT).toString(),
          -1,
          "there is no store: no CURRENT file");
    }
    return VersionSet.create(versionEnv);
  }

  /** Carries the version set's news into the families. */
  private record Publisher(EngineContext context, FileDeleter deleter)
      implements VersionEnv.Listener {
    @Override
    public void published(int id, Version version) {
      ColumnFamilyState family = context.families().byId(id);
      if (family != null) {
        context
            .mutex()
            .change(
                () -> {
                  family.publish(version);
                  FamilyRules.updateStall(family);
                });
      }
    }

    @Override
    public void tableObsolete(FileMetadata file) {
      deleter.add(file);
    }

    @Override
    public void fileObsolete(Path file) {
      deleter.deleteLeftover(file);
    }
  }
}
