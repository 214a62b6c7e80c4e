package io.lsmdb.internal.engine;

import io.lsmdb.internal.version.Version;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Everything that a family can be read from at one moment: its memtables and its version.
 *
 * <p>Immutable apart from its reference count; thread-safe. Born with one reference, which the
 * family holds until it is replaced (and gives back through the {@link ReadGate}); each iterator
 * adds one. Holds one reference on each of its parts.
 */
final class ReadState {
  private final MemTableRef mutable;
  private final MemTableRef[] immutables;
  private final Version version;
  private final AtomicInteger references = new AtomicInteger(1);

  /**
   * Pins the parts.
   *
   * @param mutable receives the writes
   * @param immutables wait for their flush, newest first
   * @param version the tables
   */
  ReadState(MemTableRef mutable, List<MemTableRef> immutables, Version version) {
    this.mutable = mutable;
    this.immutables = immutables.toArray(MemTableRef[]::new);
    this.version = version;
    mutable.retain();
    for (MemTableRef immutable : this.immutables) {
      immutable.retain();
    }
    version.retain();
  }

  MemTableRef mutable() {
    return mutable;
  }

  /** Newest first; not to be changed. */
  MemTableRef[] immutables() {
    return immutables;
  }

  Version version() {
    return version;
  }

  /** Adds a reference; only inside the read gate, or while holding another one. */
  ReadState retain() {
    references.incrementAndGet();
    return this;
  }

  void release() {
    if (references.decrementAndGet() == 0) {
      mutable.release();
      for (MemTableRef immutable : immutables) {
        immutable.release();
      }
      version.release();
    }
  }
}
