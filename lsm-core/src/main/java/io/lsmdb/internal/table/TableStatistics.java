package io.lsmdb.internal.table;

import io.lsmdb.internal.base.ValueKind;
import io.lsmdb.internal.key.InternalKey;

/**
 * Running totals over the entries of a table under construction.
 *
 * <p>Not thread-safe; owned by one table builder.
 */
final class TableStatistics {
  private long entries;
  private long deletions;
  private long merges;
  private long expiring;
  private long smallestSequence = Long.MAX_VALUE;
  private long largestSequence;
  private long smallestExpiry = Long.MAX_VALUE;
  private long largestExpiry;
  private long rawKeyBytes;
  private long rawValueBytes;

  long entries() {
    return entries;
  }

  void count(long trailer, int keyLength, byte[] value, int offset, int valueLength) {
    entries++;
    rawKeyBytes += keyLength;
    rawValueBytes += valueLength;
    long sequence = InternalKey.sequence(trailer);
    smallestSequence = Math.min(smallestSequence, sequence);
    largestSequence = Math.max(largestSequence, sequence);
    int kind = InternalKey.kind(trailer);
    if (ValueKind.isTombstone(kind)) {
      deletions++;
    } else if (kind != ValueKind.PUT) {
      countRare(kind, value, offset, valueLength);
    }
  }

  private void countRare(int kind, byte[] value, int offset, int valueLength) {
    if (kind == ValueKind.MERGE || kind == ValueKind.MERGE_EXPIRING) {
      merges++;
    }
    boolean expires = kind == ValueKind.PUT_EXPIRING || kind == ValueKind.MERGE_EXPIRING;
    if (expires && valueLength >= Long.BYTES) {
      long expiry = 0;
      for (int i = 0; i < Long.BYTES; i++) {
        expiry = expiry << 8 | value[offset + i] & 0xFF;
      }
      expiring++;
      smallestExpiry = Math.min(smallestExpiry, expiry);
      largestExpiry = Math.max(largestExpiry, expiry);
    }
  }

  /** First and last key. */
  record Bounds(InternalKey smallest, InternalKey largest) {}

  TableProperties toProperties(
      Bounds bounds, Footer footer, TableIdentity id, long creationTimeMillis, int prefixLength) {
    return new TableProperties(
        entries,
        deletions,
        merges,
        0,
        expiring,
        bounds.smallest(),
        bounds.largest(),
        smallestSequence,
        largestSequence,
        expiring == 0 ? 0 : Math.max(0, smallestExpiry),
        expiring == 0 ? 0 : Math.max(0, largestExpiry),
        rawKeyBytes,
        rawValueBytes,
        footer.dataLength(),
        footer.dataBlocks(),
        creationTimeMillis,
        id.session(),
        id.databaseIdHigh(),
        id.databaseIdLow(),
        id.fileNumber(),
        prefixLength);
  }
}
