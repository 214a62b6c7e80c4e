package io.lsmdb.internal.engine;

import io.lsmdb.BlockCache;
import io.lsmdb.ColumnFamily;
import io.lsmdb.ColumnFamilyOptions;
import io.lsmdb.Db;
import io.lsmdb.DbOptions;
import io.lsmdb.DbStats;
import io.lsmdb.Snapshot;
import io.lsmdb.WriteBatch;
import io.lsmdb.WriteOptions;
import io.lsmdb.internal.base.BatchAccess;
import io.lsmdb.internal.base.BatchEncoder;
import io.lsmdb.internal.engine.family.ColumnFamilyState;
import io.lsmdb.internal.engine.read.Reads;
import io.lsmdb.internal.engine.read.SnapshotImpl;
import io.lsmdb.internal.engine.runtime.EngineTuning;
import io.lsmdb.internal.engine.runtime.Environment;
import io.lsmdb.internal.engine.write.Writes;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * An open store: its default family, and the calls that concern the store as a whole.
 *
 * <p>Thread-safe. Wiring and delegation only; {@link StoreOpener} puts the parts together, {@link
 * StoreCloser} takes them apart.
 */
public final class DbImpl extends KeyspaceImpl implements Db {
  private final EngineContext context;
  private final StoreCloser closer;

  private DbImpl(EngineContext context, StoreCloser closer, Reads reads, Writes writes) {
    super(context.families().byId(0), reads, writes, new ColumnFamilies(context));
    this.context = context;
    this.closer = closer;
  }

  /** Makes the store of parts that are ready, and the handles of its families. */
  static DbImpl of(EngineContext context, StoreCloser closer) {
    Reads reads = context.newReads();
    Writes writes = context.newWrites(reads);
    DbImpl db = new DbImpl(context, closer, reads, writes);
    context
        .families()
        .useHandles(family -> new ColumnFamilyHandle(family, reads, writes, db.families));
    return db;
  }

  /**
   * Opens a store; see {@link Db#open(Path, DbOptions)}.
   *
   * @param directory where the store lives
   * @param options settings
   * @return to be closed by the caller
   */
  public static Db open(Path directory, DbOptions options) {
    return open(directory, options, Environment.system());
  }

  /**
   * Opens a store in an environment of one's own, for tests.
   *
   * @param directory where the store lives
   * @param options settings
   * @param environment files, clocks and threads
   * @return to be closed by the caller
   */
  public static Db open(Path directory, DbOptions options, Environment environment) {
    return open(directory, options, environment, EngineTuning.USUAL);
  }

  /** Opens a store with other figures than usual, for tests. */
  static Db open(Path directory, DbOptions options, Environment environment, EngineTuning tuning) {
    return new StoreOpener(directory, options, environment, tuning).open(DbImpl::of);
  }

  /**
   * Makes a block cache; see {@link Db#newBlockCache(long)}.
   *
   * @param bytes the cap
   * @return needs no closing
   */
  public static BlockCache newBlockCache(long bytes) {
    return new io.lsmdb.internal.table.ShardedBlockCache(bytes);
  }

  @Override
  public ColumnFamily defaultColumnFamily() {
    context.gate().checkOpen();
    return state.handle();
  }

  @Override
  public Snapshot snapshot() {
    context.gate().checkOpen();
    return new SnapshotImpl(context.families(), context.snapshots(), state, reads);
  }

  @Override
  public void write(WriteBatch batch, WriteOptions options) {
    BatchEncoder encoded = BatchAccess.encoder(Objects.requireNonNull(batch, "batch"));
    writes.write(encoded, options);
  }

  @Override
  public void flush() {
    context.flushRequests().flushAndWait(context.families().all());
  }

  @Override
  public void flush(List<ColumnFamily> some) {
    context
        .flushRequests()
        .flushAndWait(
            Objects.requireNonNull(some, "families").stream()
                .map(context.families()::resolve)
                .toList());
  }

  // ---- Families

  @Override
  public Optional<ColumnFamily> columnFamily(String name) {
    Objects.requireNonNull(name, "name");
    context.gate().checkOpen();
    return Optional.ofNullable(context.families().byName(name)).map(ColumnFamilyState::handle);
  }

  @Override
  public ColumnFamily createColumnFamily(String name) {
    Objects.requireNonNull(name, "name");
    return families.create(name, context.familyOptions(name));
  }

  @Override
  public ColumnFamily createColumnFamily(String name, ColumnFamilyOptions options) {
    return families.create(name, options);
  }

  @Override
  public ColumnFamily getOrCreateColumnFamily(String name) {
    return families.getOrCreate(name);
  }

  @Override
  public ColumnFamily getOrCreateColumnFamily(String name, ColumnFamilyOptions options) {
    return families.getOrCreate(name, options);
  }

  @Override
  public void dropColumnFamily(ColumnFamily family) {
    families.drop(family);
  }

  @Override
  public List<ColumnFamily> columnFamilies() {
    context.gate().checkOpen();
    return context.families().all().stream().map(ColumnFamilyState::handle).toList();
  }

  // ---- The rest

  @Override
  public DbStats stats() {
    context.gate().checkOpen();
    return StatsReport.of(context);
  }

  @Override
  public void close() {
    context.callbackRules().checkMayClose();
    try {
      closer.close();
    } finally {
      writes.close();
    }
  }
}
