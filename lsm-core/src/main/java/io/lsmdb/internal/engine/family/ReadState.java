package io.lsmdb.internal.engine.family;

import io.lsmdb.internal.merge.Folding;
import io.lsmdb.internal.range.RangeCover;
import io.lsmdb.internal.version.Version;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Everything that a family can be read from at one moment: its memtables and its version.
 *
 * <p>Immutable apart from its reference count; thread-safe. Born with one reference, which the
 * family holds until it is replaced (and gives back through the {@code ReadGate}); each iterator
 * adds one. Holds one reference on each of its parts.
 */
public final class ReadState {
  private final MemTableRef mutable;
  private final MemTableRef[] immutables;
  private final Version version;
  private final RangeCover.Source[] rangesBelow; // range tombstones that are not in the mutable one
  private final Folding folding; // null without merge operator
  private final FamilyClock clock;
  private final AtomicInteger references = new AtomicInteger(1);

  /**
   * Pins the parts.
   *
   * @param mutable receives the writes
   * @param immutables wait for their flush, newest first
   * @param version the tables
   * @param folding the family's merge operator, or null
   * @param clock by which entries expire
   */
  ReadState(
      MemTableRef mutable,
      List<MemTableRef> immutables,
      Version version,
      Folding folding,
      FamilyClock clock) {
    this.folding = folding;
    this.clock = clock;
    this.mutable = mutable;
    this.immutables = immutables.toArray(MemTableRef[]::new);
    this.version = version;
    List<RangeCover.Source> ranges = new ArrayList<>();
    mutable.retain();
    for (MemTableRef immutable : this.immutables) {
      immutable.retain();
      if (immutable.table().rangeTombstones() != null) {
        ranges.add(immutable.table().rangeTombstones());
      }
    }
    if (!version.rangeTombstones().isEmpty()) {
      ranges.add(version.rangeTombstones());
    }
    this.rangesBelow = ranges.toArray(RangeCover.Source[]::new);
    version.retain();
  }

  public MemTableRef mutable() {
    return mutable;
  }

  /** Newest first; not to be changed. */
  public MemTableRef[] immutables() {
    return immutables;
  }

  public Version version() {
    return version;
  }

  /** The merge operator at work; null for none, and there are no operands then. */
  public Folding folding() {
    return folding;
  }

  /** The clock by which entries expire. */
  public FamilyClock clock() {
    return clock;
  }

  /** Whether there are range tombstones, so that {@link #covering} has to be asked. */
  public boolean hasRangeTombstones() {
    return rangesBelow.length > 0 || mutable.table().rangeTombstones() != null;
  }

  /** The newest range tombstone at or below a sequence that covers a key, or none. */
  public long covering(byte[] key, int offset, int length, long sequence) {
    RangeCover.Source newest = mutable.table().rangeTombstones();
    long found = newest == null ? RangeCover.NONE : newest.covering(key, offset, length, sequence);
    for (RangeCover.Source older : rangesBelow) {
      found = Math.max(found, older.covering(key, offset, length, sequence));
    }
    return found;
  }

  /** The same for a walk along many keys; null if there are no range tombstones. */
  public RangeCover cover(long sequence) {
    RangeCover.Source newest = mutable.table().rangeTombstones();
    if (newest == null) {
      return rangesBelow.length == 0 ? null : new RangeCover(rangesBelow, sequence);
    }
    RangeCover.Source[] sources = Arrays.copyOf(rangesBelow, rangesBelow.length + 1);
    sources[rangesBelow.length] = newest;
    return new RangeCover(sources, sequence);
  }

  /** Adds a reference; only inside the read gate, or while holding another one. */
  public ReadState retain() {
    references.incrementAndGet();
    return this;
  }

  /** Whether there are more references than the family's. */
  boolean isShared() {
    return references.get() > 1;
  }

  public void release() {
    if (references.decrementAndGet() == 0) {
      mutable.release();
      for (MemTableRef immutable : immutables) {
        immutable.release();
      }
      version.release();
    }
  }
}
