package io.lsmdb.internal.compaction;

import io.lsmdb.CorruptionException;
import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.base.ValueKind;
import io.lsmdb.internal.iterator.InternalIterator;
import io.lsmdb.internal.key.Expiry;
import io.lsmdb.internal.key.InternalKey;

/**
 * The versions that a flush or compaction reads, key by key, with the key kept at hand.
 *
 * <p>Not thread-safe; belongs to a {@link CompactionIterator}. It does not own the cursor that it
 * reads from.
 *
 * <ol>
 *   <li>A version of a kind that is not understood, or out of order, is corruption, and found when
 *       it is entered.
 *   <li>A put that has expired is entered as a tombstone: trailer and value are those of what takes
 *       its place. So they are of what somebody has put in its place by {@link #decide}.
 * </ol>
 */
final class KeyVersions {
  private final InternalIterator input;
  private final String source;
  private final long now;
  private byte[] toExclusive;

  private byte[] key = new byte[64];
  private int keyLength = -1; // -1 before the first key
  private long stored; // the trailer as it was read
  private long trailer;
  private byte[] replacement; // the value of what takes the version's place; null for none

  private long entered;
  private long expired;
  private long latestExpired = Expiry.BEFORE_ALL;

  /**
   * Stands nowhere.
   *
   * @param input all versions, in their order
   * @param source what they are from, for error messages
   * @param now the clock by which they expire, in ms
   */
  KeyVersions(InternalIterator input, String source, long now) {
    this.input = input;
    this.source = source;
    this.now = now;
  }

  /** Moves to the first version of a range of user keys; null for no bound. */
  void seek(byte[] from, byte[] to) {
    toExclusive = to;
    if (from == null) {
      input.seekToFirst();
    } else {
      input.seek(from, 0, from.length, InternalKey.searchTrailer(InternalKey.MAX_SEQUENCE));
    }
  }

  /** Whether there is a version, entered yet or not; it may lie beyond the range. */
  boolean isValid() {
    return input.isValid();
  }

  void next() {
    input.next();
  }

  /**
   * Whether the version is the first of another key than that of the version entered last.
   *
   * @throws CorruptionException if it should have come before
   */
  boolean isNewKey() {
    if (keyLength < 0) {
      return true;
    }
    int order =
        Bytes.compare(input.keyArray(), input.keyOffset(), input.keyLength(), key, 0, keyLength);
    if (order < 0) {
      throw outOfOrder();
    }
    return order > 0;
  }

  /** Whether the version lies beyond the range. */
  boolean isBeyond() {
    return toExclusive != null
        && Bytes.compare(
                input.keyArray(),
                input.keyOffset(),
                input.keyLength(),
                toExclusive,
                0,
                toExclusive.length)
            >= 0;
  }

  /** Takes in the version of a new key. */
  void enterKey() {
    byte[] array = input.keyArray();
    int offset = input.keyOffset();
    int length = input.keyLength();
    if (length > key.length) {
      key = new byte[2 * length];
    }
    System.arraycopy(array, offset, key, 0, length);
    keyLength = length;
    stored = -1L;
    enter();
  }

  /** Takes in the next version of the key. */
  void enter() {
    long next = input.trailer();
    if (Long.compareUnsigned(next, stored) > 0) {
      throw outOfOrder();
    }
    int kind = InternalKey.kind(next);
    if (!ValueKind.isSupported(kind)) {
      throw new CorruptionException(source, -1, "entry of unsupported kind " + kind);
    }
    entered++;
    stored = next;
    trailer = next;
    replacement = null;
    if (kind == ValueKind.PUT_EXPIRING) {
      trailer =
          Expiry.trailerAt(next, input.valueArray(), input.valueOffset(), input.valueLength(), now);
      if (trailer != next) {
        replacement = Bytes.EMPTY;
        expired++;
        long expiry = Expiry.of(input.valueArray(), input.valueOffset(), input.valueLength());
        latestExpired = Math.max(latestExpired, expiry);
      }
    }
  }

  private CorruptionException outOfOrder() {
    return new CorruptionException(source, -1, "entries out of order");
  }

  /** Lets a step decide on the version, which is a put, and what takes its place. */
  void decide(ValueStep step) {
    long decided = step.apply(key, keyLength, trailer, valueArray(), valueOffset(), valueLength());
    if (step.replacement() != null) {
      trailer = decided;
      replacement = step.replacement();
    }
  }

  /** The key, from offset 0 on; never to be written to. */
  byte[] key() {
    return key;
  }

  int keyLength() {
    return keyLength;
  }

  /** The kind under which the version is stored. */
  int storedKind() {
    return InternalKey.kind(stored);
  }

  long sequence() {
    return InternalKey.sequence(stored);
  }

  long trailer() {
    return trailer;
  }

  int kind() {
    return InternalKey.kind(trailer);
  }

  byte[] valueArray() {
    return replacement == null ? input.valueArray() : replacement;
  }

  int valueOffset() {
    return replacement == null ? input.valueOffset() : 0;
  }

  int valueLength() {
    return replacement == null ? input.valueLength() : replacement.length;
  }

  /** How many versions were entered. */
  long entered() {
    return entered;
  }

  /** How many of them had expired. */
  long expired() {
    return expired;
  }

  /** The latest expiry of these; {@link Expiry#BEFORE_ALL} if there was none. */
  long latestExpired() {
    return latestExpired;
  }

  /** What the versions are from, for error messages. */
  String source() {
    return source;
  }
}
