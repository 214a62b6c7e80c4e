package io.lsmdb.internal.version;

import java.util.ArrayList;
import java.util.List;

/**
 * The state that readers see.
 *
 * <p>Thread-safe; {@link #publish} is called by one thread at a time, under the version set's log
 * lock.
 *
 * <ol>
 *   <li>It holds one reference to each of its versions, and gives that back after the successor has
 *       become visible and the listener has heard of it.
 *   <li>Pinning and replacing exclude each other, so that a pinned state is whole.
 * </ol>
 */
final class PublishedState {
  private final TableReferences references;
  private final VersionEnv.Listener listener;

  /** Written under this object's lock, read by anybody. */
  private volatile StoreState state;

  /**
   * Publishes a first state, of which the listener is not told.
   *
   * @param references counts the versions
   * @param listener told of later versions
   * @param first its versions are owned by the references
   */
  PublishedState(TableReferences references, VersionEnv.Listener listener, StoreState first) {
    this.references = references;
    this.listener = listener;
    this.state = first;
    first.families().values().forEach(entry -> references.add(entry.version()));
  }

  /** The state now. Its versions may lose their last reference at any moment. */
  StoreState get() {
    return state;
  }

  /** A family with its tables, now. */
  StoreState.Entry entry(int family) {
    StoreState.Entry entry = state.families().get(family);
    if (entry == null) {
      throw new IllegalArgumentException("there is no family " + family);
    }
    return entry;
  }

  /** The state now, with a reference to each of its versions. */
  synchronized StoreState pin() {
    StoreState pinned = state;
    for (StoreState.Entry entry : pinned.families().values()) {
      entry.version().retain();
    }
    return pinned;
  }

  /** Makes the next state visible, tells the listener of its new versions, lets go of old ones. */
  void publish(StoreState next) {
    StoreState previous = state;
    List<StoreState.Entry> changed = onlyIn(next, previous);
    changed.forEach(entry -> references.add(entry.version()));
    synchronized (this) {
      state = next;
    }
    try {
      for (StoreState.Entry entry : changed) {
        listener.published(entry.family().id(), entry.version());
      }
    } finally {
      onlyIn(previous, next).forEach(entry -> entry.version().release());
    }
  }

  /** The entries of one state whose versions are not in the other. */
  private static List<StoreState.Entry> onlyIn(StoreState one, StoreState other) {
    List<StoreState.Entry> result = new ArrayList<>();
    for (StoreState.Entry entry : one.families().values()) {
      StoreState.Entry counterpart = other.families().get(entry.family().id());
      if (counterpart == null || counterpart.version() != entry.version()) {
        result.add(entry);
      }
    }
    return result;
  }
}
