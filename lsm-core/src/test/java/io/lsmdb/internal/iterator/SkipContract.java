package io.lsmdb.internal.iterator;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.internal.key.InternalKey;
import java.util.Arrays;
import java.util.Map;
import java.util.NavigableMap;

/** Skips of a cursor, checked against a map of the entries, which all differ. Stateless. */
public final class SkipContract {
  private SkipContract() {}

  /**
   * Skips forward, and checks that no entry was passed that a reader may need.
   *
   * @param it stands on an entry of the model
   * @return the entry where the cursor stands now, null for none
   */
  public static <V> Map.Entry<InternalKey, V> skip(
      NavigableMap<InternalKey, V> model, InternalIterator it, long searchTrailer) {
    InternalKey left = keyOf(it);
    it.skip(searchTrailer);
    InternalKey at = it.isValid() ? keyOf(it) : null;
    NavigableMap<InternalKey, V> passed = model.tailMap(left, false);
    passed = at == null ? passed : passed.headMap(at, false);
    assertTrue(at == null || at.compareTo(left) > 0, "moves forward");
    for (InternalKey key : passed.keySet()) {
      assertTrue(isSameKey(key, left), "passes versions only");
      assertTrue(isAbove(key, searchTrailer), "passes versions above the trailer only");
    }
    return at == null ? null : model.floorEntry(at);
  }

  /** Skips backward, as {@link #skip} does forward. */
  public static <V> Map.Entry<InternalKey, V> skipBack(
      NavigableMap<InternalKey, V> model, InternalIterator it, long searchTrailer) {
    InternalKey left = keyOf(it);
    it.skipBack(searchTrailer);
    InternalKey at = it.isValid() ? keyOf(it) : null;
    NavigableMap<InternalKey, V> passed = model.headMap(left, false);
    passed = at == null ? passed : passed.tailMap(at, false);
    assertTrue(at == null || at.compareTo(left) < 0, "moves back");
    InternalKey needed = model.ceilingKey(new InternalKey(left.userKey(), searchTrailer));
    for (InternalKey key : passed.keySet()) {
      assertTrue(isSameKey(key, left), "passes versions only");
      assertTrue(!key.equals(needed), "stops at the newest version that the reader sees");
    }
    return at == null ? null : model.floorEntry(at);
  }

  private static InternalKey keyOf(InternalIterator it) {
    int from = it.keyOffset();
    byte[] key = Arrays.copyOfRange(it.keyArray(), from, from + it.keyLength());
    return new InternalKey(key, it.trailer());
  }

  private static boolean isSameKey(InternalKey a, InternalKey b) {
    return Arrays.equals(a.userKey(), b.userKey());
  }

  private static boolean isAbove(InternalKey key, long searchTrailer) {
    return Long.compareUnsigned(key.trailer(), searchTrailer) > 0;
  }
}
