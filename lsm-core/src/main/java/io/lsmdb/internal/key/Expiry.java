package io.lsmdb.internal.key;

import io.lsmdb.CorruptionException;
import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.base.ValueKind;

/**
 * The expiry at the start of the value of a {@link ValueKind#PUT_EXPIRING}, and what the clock
 * makes of it: the only place that decides whether an entry has expired.
 *
 * <p>Stateless. An entry has expired as soon as the clock shows its expiry; from then on it is a
 * tombstone of the same sequence.
 */
public final class Expiry {
  /** How many bytes of the value the expiry takes. */
  public static final int BYTES = Long.BYTES;

  /** A clock at which nothing has expired. */
  public static final long BEFORE_ALL = Long.MIN_VALUE;

  private Expiry() {}

  /**
   * Whether an expiring entry is a tombstone by now.
   *
   * @param value holds its stored value
   * @param offset where that starts
   * @param length its length in bytes
   * @param now the clock, in ms since 1970
   * @return true from its expiry on
   * @throws CorruptionException if the value is too short
   */
  public static boolean isOver(byte[] value, int offset, int length, long now) {
    return of(value, offset, length) <= now;
  }

  /**
   * When an expiring entry expires.
   *
   * @param value holds its stored value
   * @param offset where that starts
   * @param length its length in bytes
   * @return ms since 1970
   * @throws CorruptionException if the value is too short
   */
  public static long of(byte[] value, int offset, int length) {
    if (length < BYTES) {
      throw new CorruptionException("a table or memtable", -1, "expiring entry without expiry");
    }
    return Bytes.prefix(value, offset, BYTES);
  }

  /**
   * What an entry is at a time.
   *
   * @param trailer its sequence and kind
   * @param value holds its stored value
   * @param offset where that starts
   * @param length its length in bytes
   * @param now the clock, in ms since 1970
   * @return the trailer of a tombstone if it has expired, else its own
   */
  public static long trailerAt(long trailer, byte[] value, int offset, int length, long now) {
    return InternalKey.kind(trailer) == ValueKind.PUT_EXPIRING && isOver(value, offset, length, now)
        ? InternalKey.trailer(InternalKey.sequence(trailer), ValueKind.DELETE)
        : trailer;
  }
}
