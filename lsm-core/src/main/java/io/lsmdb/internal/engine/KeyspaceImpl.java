package io.lsmdb.internal.engine;

import io.lsmdb.DbIterator;
import io.lsmdb.Keyspace;
import io.lsmdb.ReadOptions;
import io.lsmdb.ValueReader;
import io.lsmdb.WriteOptions;
import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.engine.family.ColumnFamilyState;
import io.lsmdb.internal.engine.read.Reads;
import io.lsmdb.internal.engine.write.Writes;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;

/**
 * The calls on one family, each delegated to the part that does it.
 *
 * <p>Immutable, hence thread-safe. Public so that javac makes no bridge methods in subclasses.
 */
public abstract class KeyspaceImpl implements Keyspace {
  final ColumnFamilyState state;
  final Reads reads;
  final Writes writes;
  final ColumnFamilies families;

  KeyspaceImpl(ColumnFamilyState state, Reads reads, Writes writes, ColumnFamilies families) {
    this.state = state;
    this.reads = reads;
    this.writes = writes;
    this.families = families;
  }

  // ---- Reads

  @Override
  public final byte[] get(byte[] key) {
    return reads.get(state, key, Reads.NOW);
  }

  @Override
  public final <T> T get(byte[] key, ValueReader<T> reader) {
    return reads.get(state, key, reader, Reads.NOW);
  }

  @Override
  public final int get(byte[] key, byte[] into) {
    return reads.get(state, key, into, Reads.NOW);
  }

  @Override
  public final int get(ByteBuffer key, ByteBuffer into) {
    return reads.get(state, key, into, Reads.NOW);
  }

  @Override
  public final boolean containsKey(byte[] key) {
    return reads.containsKey(state, key, Reads.NOW);
  }

  @Override
  public final boolean mayContain(byte[] key) {
    return reads.mayContain(state, key, Reads.NOW);
  }

  @Override
  public final List<byte[]> multiGet(List<byte[]> keys) {
    return reads.multiGet(state, keys, Reads.NOW);
  }

  @Override
  public final DbIterator iterate(ReadOptions options) {
    return reads.iterate(state, options, () -> Reads.NOW);
  }

  @Override
  public final long approximateSize(byte[] from, byte[] to) {
    checkRange(from, to);
    return reads.approximateSize(state, from, to);
  }

  @Override
  public final long entryCount() {
    return reads.entryCount(state);
  }

  // ---- Writes

  @Override
  public final void put(byte[] key, byte[] value, WriteOptions options) {
    writes.put(state, key, value, options);
  }

  @Override
  public final void put(ByteBuffer key, ByteBuffer value, WriteOptions options) {
    writes.put(state, key, value, options);
  }

  @Override
  public final void delete(byte[] key, WriteOptions options) {
    writes.delete(state, key, options);
  }

  @Override
  public final void singleDelete(byte[] key, WriteOptions options) {
    writes.singleDelete(state, key, options);
  }

  @Override
  public final void deleteRange(byte[] from, byte[] to, WriteOptions options) {
    writes.deleteRange(state, from, to, options);
  }

  @Override
  public final void merge(byte[] key, byte[] operand, WriteOptions options) {
    writes.merge(state, key, operand, options);
  }

  @Override
  public final byte[] compute(byte[] key, UnaryOperator<byte[]> change, WriteOptions options) {
    return writes.compute(state, key, change, options);
  }

  @Override
  public final byte[] touch(byte[] key, WriteOptions options) {
    return writes.touch(state, key, options);
  }

  @Override
  public final byte[] putIfAbsent(byte[] key, byte[] value, WriteOptions options) {
    Objects.requireNonNull(value, "value");
    byte[] after = writes.compute(state, key, old -> old == null ? value : old, options);
    return after == value ? null : after;
  }

  // ---- Background work on request

  @Override
  public final void compact(byte[] from, byte[] to) {
    checkRange(from, to);
    families.compact(state, from, to);
  }

  @Override
  public final CompletableFuture<Void> compactAsync(byte[] from, byte[] to) {
    checkRange(from, to);
    return families.compactAsync(state, from, to);
  }

  @Override
  public final int deleteFilesInRange(byte[] from, byte[] to) {
    checkRange(from, to);
    return families.deleteFiles(state, from, to);
  }

  /** Refuses a range that ends below its first key. */
  private static void checkRange(byte[] from, byte[] to) {
    if (from != null && to != null) {
      Bytes.isEmptyRange(from, to);
    }
  }
}
