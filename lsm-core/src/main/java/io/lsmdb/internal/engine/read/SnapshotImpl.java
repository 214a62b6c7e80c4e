package io.lsmdb.internal.engine.read;

import io.lsmdb.ColumnFamily;
import io.lsmdb.DbClosedException;
import io.lsmdb.DbIterator;
import io.lsmdb.ReadOptions;
import io.lsmdb.Snapshot;
import io.lsmdb.ValueReader;
import io.lsmdb.internal.engine.family.SnapshotList;
import io.lsmdb.internal.engine.runtime.LeakGuard;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * A pinned sequence number, with the reads of the store at it.
 *
 * <p>Thread-safe. Closed by the user.
 */
public final class SnapshotImpl implements Snapshot {
  private final Reads reads;
  private final long sequence;
  private final LeakGuard guard;
  private volatile boolean closed;

  public SnapshotImpl(Reads reads, SnapshotList snapshots) {
    this.reads = reads;
    long pinned = snapshots.acquire();
    this.sequence = pinned;
    this.guard = reads.leaks().watch("snapshot", this, () -> snapshots.release(pinned));
  }

  private long pinned() {
    if (closed) {
      throw new DbClosedException("the snapshot is closed; take a new one");
    }
    return sequence;
  }

  /** Refuses what was read while the snapshot was closed: it may not be what the snapshot saw. */
  private <T> T stillPinned(T read) {
    pinned();
    return read;
  }

  @Override
  public long sequence() {
    reads.checkOpen();
    return pinned();
  }

  @Override
  public ColumnFamily defaultColumnFamily() {
    pinned();
    return reads.defaultColumnFamily();
  }

  @Override
  public byte[] get(ColumnFamily family, byte[] key) {
    return stillPinned(reads.get(family, key, pinned()));
  }

  @Override
  public <T> T get(ColumnFamily family, byte[] key, ValueReader<T> reader) {
    return stillPinned(reads.get(family, key, reader, pinned()));
  }

  @Override
  public int get(ColumnFamily family, byte[] key, byte[] into) {
    return stillPinned(reads.get(family, key, into, pinned()));
  }

  @Override
  public int get(ColumnFamily family, ByteBuffer key, ByteBuffer into) {
    return stillPinned(reads.get(family, key, into, pinned()));
  }

  @Override
  public boolean containsKey(ColumnFamily family, byte[] key) {
    return stillPinned(reads.containsKey(family, key, pinned()));
  }

  @Override
  public boolean mayContain(ColumnFamily family, byte[] key) {
    return stillPinned(reads.mayContain(family, key, pinned()));
  }

  @Override
  public List<byte[]> multiGet(ColumnFamily family, List<byte[]> keys) {
    return stillPinned(reads.multiGet(family, keys, pinned()));
  }

  @Override
  public DbIterator iterate(ColumnFamily family, ReadOptions options) {
    return reads.iterate(family, options, this::pinned);
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      guard.close();
    }
  }
}
