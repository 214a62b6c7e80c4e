package io.lsmdb.internal.table;

import io.lsmdb.internal.base.Bytes;

/** The search in a data block: by hash slot, then in the order of its entries. Stateless. */
final class DataBlockSearch {
  /*
   * Almost all of a search is waiting for memory, as each entry that is looked at lies in a cache line
   * of its own. So it looks at three at a time, whose loads wait together: half as many waits as in a
   * binary search, for half as many entries again.
   */

  private DataBlockSearch() {}

  /**
   * Finds the newest version of a user key at or below a sequence.
   *
   * @param block where to search
   * @param key holds the user key
   * @param offset where it starts
   * @param length its length
   * @param hash its hash
   * @param searchTrailer trailer to search with
   * @return the entry's offset, {@link DataBlock#ABSENT} or {@link DataBlock#BEYOND}
   */
  static int find(
      DataBlock block, byte[] key, int offset, int length, long hash, long searchTrailer) {
    if (block.hasSlots()) {
      int head = block.newestVisible(key, offset, length, hash, searchTrailer);
      if (head != DataBlock.OLDER) {
        return head;
      }
    }
    int entry = lowerBound(block, key, offset, length, searchTrailer);
    if (entry == block.count) {
      return DataBlock.BEYOND;
    }
    return block.isKey(entry, key, offset, length) ? block.offset(entry) : DataBlock.ABSENT;
  }

  /**
   * The first entry at or after an internal key.
   *
   * @param block where to search
   * @param key holds the user key
   * @param offset where it starts
   * @param length its length
   * @param searchTrailer trailer to search with
   * @return its ordinal, or the number of entries
   */
  static int lowerBound(DataBlock block, byte[] key, int offset, int length, long searchTrailer) {
    int prefixLength = block.prefixLength;
    int shared = Math.min(prefixLength, length);
    int order = Bytes.compare(key, offset, shared, block.data, 0, shared);
    if (order < 0 || order == 0 && length < prefixLength) {
      return 0;
    }
    if (order > 0) {
      return block.count;
    }
    return search(block, key, offset + prefixLength, length - prefixLength, searchTrailer);
  }

  private static int search(
      DataBlock block, byte[] key, int suffixAt, int suffixLength, long searchTrailer) {
    long wanted = Bytes.prefix(key, suffixAt, suffixLength) ^ Long.MIN_VALUE;
    int low = 0;
    int high = block.count;
    while (low < high) {
      int quarter = (high - low) >>> 2;
      int middle = (low + high) >>> 1;
      if (quarter > 0) {
        long left = head(block, middle - quarter);
        long centre = head(block, middle);
        long right = head(block, middle + quarter);
        if (left != wanted && centre != wanted && right != wanted) {
          int below = (left < wanted ? 1 : 0) + (centre < wanted ? 1 : 0);
          below += right < wanted ? 1 : 0;
          int next = middle + (below - 1) * quarter; // the first of the three that is not below
          high = below == 3 ? high : next;
          low = below == 0 ? low : next - quarter + 1;
          continue;
        }
      }
      if (isBefore(block, middle, key, suffixAt, suffixLength, searchTrailer)) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** Eight bytes of an entry's suffix, as a number whose signed order is theirs. */
  private static long head(DataBlock block, int entry) {
    int p = block.offset(entry);
    int suffix = block.varint(p);
    return Bytes.prefix(block.data, block.suffixAt(block.kindAfter(p)), suffix) ^ Long.MIN_VALUE;
  }

  private static boolean isBefore(
      DataBlock block, int entry, byte[] key, int suffixAt, int suffixLength, long trailer) {
    int p = block.offset(entry);
    int suffix = block.varint(p);
    int kindAt = block.kindAfter(p);
    int order =
        Bytes.compare(block.data, block.suffixAt(kindAt), suffix, key, suffixAt, suffixLength);
    return order < 0 || order == 0 && Long.compareUnsigned(block.trailer(kindAt), trailer) > 0;
  }
}
