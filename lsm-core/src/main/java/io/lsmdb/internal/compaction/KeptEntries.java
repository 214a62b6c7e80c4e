package io.lsmdb.internal.compaction;

import io.lsmdb.DbException;

/**
 * The keys that a flush or a compaction has left as they were because a merge operator or a
 * compaction filter failed on them. Immutable.
 *
 * @param count how many failures there were
 * @param first the first of them; null if there was none
 */
public record KeptEntries(long count, DbException first) {
  /** No failure. */
  public static final KeptEntries NONE = new KeptEntries(0, null);

  /** One more failure. */
  KeptEntries plus(DbException failure) {
    return new KeptEntries(count + 1, first == null ? failure : first);
  }

  /** Both together. */
  KeptEntries plus(KeptEntries other) {
    return new KeptEntries(count + other.count, first == null ? other.first : first);
  }
}
