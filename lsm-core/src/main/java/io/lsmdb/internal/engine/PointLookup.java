package io.lsmdb.internal.engine;

import io.lsmdb.internal.base.LookupResult;
import io.lsmdb.internal.base.ValueKind;
import io.lsmdb.internal.key.InternalKey;
import io.lsmdb.internal.version.TableCache;

/**
 * The search for the newest visible version of one key: memtables from the newest to the oldest,
 * then the tables.
 *
 * <p>Stateless. Called inside the read gate. A memtable holds only newer versions of a key than the
 * memtables and tables sealed before it, so the first version found decides.
 */
final class PointLookup {
  private PointLookup() {}

  /**
   * Looks a key up.
   *
   * @param state where to look
   * @param tables opens tables
   * @param key holds the key
   * @param offset where it starts
   * @param length its length
   * @param sequence the newest sequence to be seen
   * @param out receives the value
   * @return false when the key is absent
   */
  static boolean find(
      ReadState state,
      TableCache tables,
      byte[] key,
      int offset,
      int length,
      long sequence,
      LookupResult out) {
    long search = InternalKey.searchTrailer(sequence);
    boolean found = state.mutable().table().get(key, offset, length, search, out);
    MemTableRef[] immutables = state.immutables();
    for (int i = 0; !found && i < immutables.length; i++) {
      found = immutables[i].table().get(key, offset, length, search, out);
    }
    if (!found) {
      found = state.version().get(key, offset, length, search, tables, out);
    }
    return found && !ValueKind.isTombstone(InternalKey.kind(out.trailer));
  }
}
