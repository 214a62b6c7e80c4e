package io.lsmdb.internal.engine.read;

import io.lsmdb.DbIterator;
import io.lsmdb.ReadOptions;
import io.lsmdb.ReadView;
import io.lsmdb.ValueReader;
import io.lsmdb.internal.engine.family.ColumnFamilyState;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * The reads of one family at a pinned sequence number.
 *
 * <p>Thread-safe. Each read asks for the sequence before and after, so that a read during which the
 * snapshot is closed fails: it may not be what the snapshot saw.
 */
abstract class SnapshotView implements ReadView {
  final ColumnFamilyState state;
  final Reads reads;

  SnapshotView(ColumnFamilyState state, Reads reads) {
    this.state = state;
    this.reads = reads;
  }

  /** The sequence to read at; throws once the snapshot is closed. */
  abstract long pinned();

  private <T> T stillPinned(T read) {
    pinned();
    return read;
  }

  @Override
  public final byte[] get(byte[] key) {
    return stillPinned(reads.get(state, key, pinned()));
  }

  @Override
  public final <T> T get(byte[] key, ValueReader<T> reader) {
    return stillPinned(reads.get(state, key, reader, pinned()));
  }

  @Override
  public final int get(byte[] key, byte[] into) {
    return stillPinned(reads.get(state, key, into, pinned()));
  }

  @Override
  public final int get(ByteBuffer key, ByteBuffer into) {
    return stillPinned(reads.get(state, key, into, pinned()));
  }

  @Override
  public final boolean containsKey(byte[] key) {
    return stillPinned(reads.containsKey(state, key, pinned()));
  }

  @Override
  public final boolean mayContain(byte[] key) {
    return stillPinned(reads.mayContain(state, key, pinned()));
  }

  @Override
  public final List<byte[]> multiGet(List<byte[]> keys) {
    return stillPinned(reads.multiGet(state, keys, pinned()));
  }

  @Override
  public final DbIterator iterate(ReadOptions options) {
    return reads.iterate(state, options, this::pinned);
  }
}
