package io.lsmdb.bench.demo;

/**
 * An event of the stream. Immutable.
 *
 * @param user customer number, 0 to {@link #MAX_USER} at the input and beyond when shifted
 * @param merchant stock code, 1 to {@link #MAX_MERCHANT_BYTES} bytes in UTF-8
 * @param amount pence, at most {@link #MAX_AMOUNT} either way; negative is a return
 * @param timestamp milliseconds since 1970, UTC, 0 to {@link #MAX_TIMESTAMP}
 */
record Purchase(long user, String merchant, long amount, long timestamp) {
  /** Leaves room to shift users: {@link Purchases#MAX_ROUNDS} rounds fit in a long. */
  static final long MAX_USER = 999_999_999_999_999L;

  static final int MAX_MERCHANT_BYTES = 64;
  static final long MAX_AMOUNT = 1_000_000_000_000L;

  /** The end of the year 9999. */
  static final long MAX_TIMESTAMP = 253_402_300_799_999L;

  static final long MILLIS_PER_HOUR = 3_600_000;

  /** Hours since 1970. */
  int hour() {
    return (int) (timestamp / MILLIS_PER_HOUR);
  }

  Purchase withUser(long newUser) {
    return new Purchase(newUser, merchant, amount, timestamp);
  }
}
