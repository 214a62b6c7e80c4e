package io.lsmdb.internal.engine.read;

import io.lsmdb.ColumnFamily;
import io.lsmdb.DbClosedException;
import io.lsmdb.ReadView;
import io.lsmdb.Snapshot;
import io.lsmdb.internal.engine.family.ColumnFamilyState;
import io.lsmdb.internal.engine.family.FamilyRegistry;
import io.lsmdb.internal.engine.family.SnapshotList;
import io.lsmdb.internal.engine.runtime.LeakGuard;

/**
 * A pinned sequence number, with the reads of the store at it.
 *
 * <p>Thread-safe. Closed by the user.
 */
public final class SnapshotImpl extends SnapshotView implements Snapshot {
  private final FamilyRegistry families;
  private final long sequence;
  private final LeakGuard guard;
  private volatile boolean closed;

  /**
   * Pins what is visible now.
   *
   * @param families of the store
   * @param snapshots where it is registered
   * @param family read by the snapshot itself
   * @param reads of the store
   */
  public SnapshotImpl(
      FamilyRegistry families, SnapshotList snapshots, ColumnFamilyState family, Reads reads) {
    super(family, reads);
    this.families = families;
    long pinned = snapshots.acquire();
    this.sequence = pinned;
    this.guard = reads.leaks().watch("snapshot", this, () -> snapshots.release(pinned));
  }

  @Override
  long pinned() {
    if (closed) {
      throw new DbClosedException("the snapshot is closed; take a new one");
    }
    return sequence;
  }

  @Override
  public long sequence() {
    reads.checkOpen();
    return pinned();
  }

  @Override
  public ReadView of(ColumnFamily family) {
    reads.checkOpen();
    pinned();
    return new OfFamily(this, families.resolve(family));
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      guard.close();
    }
  }

  /** The reads of another family. Refers to the snapshot, which so is not taken for forgotten. */
  private static final class OfFamily extends SnapshotView {
    private final SnapshotImpl snapshot;

    OfFamily(SnapshotImpl snapshot, ColumnFamilyState family) {
      super(family, snapshot.reads);
      this.snapshot = snapshot;
    }

    @Override
    long pinned() {
      return snapshot.pinned();
    }
  }
}
