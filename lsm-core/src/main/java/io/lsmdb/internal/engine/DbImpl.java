package io.lsmdb.internal.engine;

import io.lsmdb.BlockCache;
import io.lsmdb.ColumnFamily;
import io.lsmdb.ColumnFamilyOptions;
import io.lsmdb.Db;
import io.lsmdb.DbIterator;
import io.lsmdb.DbOptions;
import io.lsmdb.DbStats;
import io.lsmdb.ReadOptions;
import io.lsmdb.Snapshot;
import io.lsmdb.ValueReader;
import io.lsmdb.WriteBatch;
import io.lsmdb.WriteOptions;
import io.lsmdb.internal.base.BatchAccess;
import io.lsmdb.internal.base.BatchEncoder;
import io.lsmdb.internal.engine.read.Reads;
import io.lsmdb.internal.engine.read.SnapshotImpl;
import io.lsmdb.internal.engine.runtime.EngineTuning;
import io.lsmdb.internal.engine.runtime.Environment;
import io.lsmdb.internal.engine.write.Writes;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;

/**
 * An open store: the public methods, each delegated to the part that does it.
 *
 * <p>Thread-safe. Wiring and delegation only; {@link StoreOpener} puts the parts together, {@link
 * StoreCloser} takes them apart.
 */
public final class DbImpl implements Db {
  private final EngineContext context;
  private final Reads reads;
  private final Writes writes;
  private final ColumnFamilies families;
  private final StoreCloser closer;

  DbImpl(EngineContext context, StoreCloser closer) {
    this.context = context;
    this.reads = context.newReads();
    this.writes = context.newWrites(reads);
    this.families = new ColumnFamilies(context);
    this.closer = closer;
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
    return new StoreOpener(directory, options, environment, tuning).open(DbImpl::new);
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
    return reads.defaultColumnFamily();
  }

  // ---- Reads

  @Override
  public byte[] get(ColumnFamily family, byte[] key) {
    return reads.get(family, key, Reads.NOW);
  }

  @Override
  public <T> T get(ColumnFamily family, byte[] key, ValueReader<T> reader) {
    return reads.get(family, key, reader, Reads.NOW);
  }

  @Override
  public int get(ColumnFamily family, byte[] key, byte[] into) {
    return reads.get(family, key, into, Reads.NOW);
  }

  @Override
  public int get(ColumnFamily family, ByteBuffer key, ByteBuffer into) {
    return reads.get(family, key, into, Reads.NOW);
  }

  @Override
  public boolean containsKey(ColumnFamily family, byte[] key) {
    return reads.containsKey(family, key, Reads.NOW);
  }

  @Override
  public boolean mayContain(ColumnFamily family, byte[] key) {
    return reads.mayContain(family, key, Reads.NOW);
  }

  @Override
  public long approximateSize(ColumnFamily family, byte[] from, byte[] to) {
    return reads.approximateSize(family, from, to);
  }

  @Override
  public long entryCount(ColumnFamily family) {
    return reads.entryCount(family);
  }

  @Override
  public List<byte[]> multiGet(ColumnFamily family, List<byte[]> keys) {
    return reads.multiGet(family, keys, Reads.NOW);
  }

  @Override
  public DbIterator iterate(ColumnFamily family, ReadOptions options) {
    return reads.iterate(family, options, () -> Reads.NOW);
  }

  @Override
  public Snapshot snapshot() {
    context.gate().checkOpen();
    return new SnapshotImpl(reads, context.snapshots());
  }

  // ---- Writes

  @Override
  public void put(ColumnFamily family, byte[] key, byte[] value, WriteOptions options) {
    writes.put(family, key, value, options);
  }

  @Override
  public void put(ColumnFamily family, ByteBuffer key, ByteBuffer value, WriteOptions options) {
    writes.put(family, key, value, options);
  }

  @Override
  public void deleteRange(ColumnFamily family, byte[] from, byte[] to, WriteOptions options) {
    writes.deleteRange(family, from, to, options);
  }

  @Override
  public void delete(ColumnFamily family, byte[] key, WriteOptions options) {
    writes.delete(family, key, options);
  }

  @Override
  public void singleDelete(ColumnFamily family, byte[] key, WriteOptions options) {
    writes.singleDelete(family, key, options);
  }

  @Override
  public byte[] compute(
      ColumnFamily family, byte[] key, UnaryOperator<byte[]> change, WriteOptions options) {
    return writes.compute(family, key, change, options);
  }

  @Override
  public byte[] touch(ColumnFamily family, byte[] key, WriteOptions options) {
    return writes.touch(family, key, options);
  }

  @Override
  public byte[] putIfAbsent(ColumnFamily family, byte[] key, byte[] value, WriteOptions options) {
    Objects.requireNonNull(value, "value");
    byte[] after = writes.compute(family, key, old -> old == null ? value : old, options);
    return after == value ? null : after;
  }

  @Override
  public void merge(ColumnFamily family, byte[] key, byte[] operand, WriteOptions options) {
    writes.merge(family, key, operand, options);
  }

  @Override
  public void write(WriteBatch batch, WriteOptions options) {
    BatchEncoder encoded = BatchAccess.encoder(Objects.requireNonNull(batch, "batch"));
    writes.write(encoded, options);
  }

  // ---- Background work on request

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

  @Override
  public void compact(ColumnFamily family, byte[] from, byte[] to) {
    families.compact(family, from, to);
  }

  @Override
  public CompletableFuture<Void> compactAsync(ColumnFamily family, byte[] from, byte[] to) {
    return families.compactAsync(family, from, to);
  }

  @Override
  public int deleteFilesInRange(ColumnFamily family, byte[] from, byte[] to) {
    return families.deleteFiles(family, from, to);
  }

  // ---- Families

  @Override
  public Optional<ColumnFamily> columnFamily(String name) {
    Objects.requireNonNull(name, "name");
    context.gate().checkOpen();
    return Optional.ofNullable(context.families().byName(name));
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
    return List.copyOf(context.families().all());
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
