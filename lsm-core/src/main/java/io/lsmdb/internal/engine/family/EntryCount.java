package io.lsmdb.internal.engine.family;

/**
 * The number of keys of a family that have a value.
 *
 * <p>Changed by the commit leader alone (and by the opening, before there is one); {@link #at} may
 * be called by all threads. Owned by its family.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>The leader counts each operation before it inserts it, against all that is before it, the
 *       earlier operations of its group included.
 *   <li>The change by a group shows when the group becomes visible, neither earlier nor later.
 *   <li>Nothing but an operation makes a key appear or vanish: what expires, is filtered or is
 *       dropped with its file is refused for the family.
 * </ol>
 */
public final class EntryCount {
  /**
   * The count before and after a group.
   *
   * @param group the group's first sequence
   */
  private record Count(long group, long before, long after) {}

  private volatile Count count = new Count(0, 0, 0);

  /** Begins with the keys that were found at a sequence when the store was opened. */
  public void start(long sequence, long found) {
    count = new Count(sequence, found, found);
  }

  /** The count as of what is visible now. */
  public long at(VisibleSequence visible) {
    while (true) {
      Count newest = count;
      if (visible.get() < newest.group) {
        return newest.before;
      }
      if (newest.equals(count)) { // else it was made in the midst of a group that is visible by now
        return newest.after;
      }
    }
  }

  /**
   * Adds to the count.
   *
   * @param change how many keys an operation makes appear, negative for those that it deletes
   * @param group the first sequence of the operation's group
   */
  public void add(long change, long group) {
    if (change != 0) {
      Count last = count;
      long before = last.group == group ? last.before : last.after;
      count = new Count(group, before, last.after + change);
    }
  }
}
