package io.lsmdb.bench.demo;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The bytes of the demo's keys and values. Stateless.
 *
 * <p>All numbers are big-endian. Every key begins with the user (8 bytes), so that what belongs to
 * a user lies together: a prefix scan of the user's 8 bytes lists it.
 */
final class Layout {
  /** Purchases kept in a user's list. */
  static final int RECENT = 100;

  /** Bytes of one purchase in the list: timestamp, amount. */
  static final int RECENT_ELEMENT = 16;

  /** Bytes of a risk tier with what it follows from. */
  static final int TIER = 17;

  private Layout() {}

  static byte[] userKey(long user) {
    return ByteBuffer.allocate(Long.BYTES).putLong(user).array();
  }

  static byte[] merchantKey(long user, String merchant) {
    byte[] code = merchant.getBytes(UTF_8);
    return ByteBuffer.allocate(Long.BYTES + code.length).putLong(user).put(code).array();
  }

  static byte[] hourKey(long user, int hour) {
    return ByteBuffer.allocate(Long.BYTES + Integer.BYTES).putLong(user).putInt(hour).array();
  }

  static long user(byte[] key) {
    return ByteBuffer.wrap(key).getLong();
  }

  static String merchant(byte[] key) {
    return new String(key, Long.BYTES, key.length - Long.BYTES, UTF_8);
  }

  static byte[] spend(long pence) {
    return ByteBuffer.allocate(Long.BYTES).putLong(pence).array();
  }

  static byte[] tier(long purchases, long returns) {
    byte tier = RiskTier.of(purchases, returns).code;
    return ByteBuffer.allocate(TIER).put(tier).putLong(purchases).putLong(returns).array();
  }

  static byte[] hourly(long count, long sum, long min, long max) {
    return ByteBuffer.allocate(32).putLong(count).putLong(sum).putLong(min).putLong(max).array();
  }

  /**
   * A list with one more purchase, without the oldest one if it would be too long.
   *
   * @param list null when there is none yet
   */
  static byte[] append(byte[] list, long timestamp, long amount) {
    int length = list == null ? 0 : list.length;
    int drop = length == RECENT * RECENT_ELEMENT ? RECENT_ELEMENT : 0;
    byte[] longer =
        length == 0
            ? new byte[RECENT_ELEMENT]
            : Arrays.copyOfRange(list, drop, length + RECENT_ELEMENT);
    ByteBuffer.wrap(longer)
        .putLong(longer.length - RECENT_ELEMENT, timestamp)
        .putLong(longer.length - Long.BYTES, amount);
    return longer;
  }

  /** A key as a reader understands it. */
  static String describe(Shape shape, byte[] key) {
    if (key.length < Long.BYTES) {
      return Arrays.toString(key);
    }
    String user = "user " + user(key);
    return switch (shape) {
      case SPEND -> user + ", merchant " + merchant(key);
      case RECENT, TIER -> key.length == Long.BYTES ? user : Arrays.toString(key);
      case HOURLY ->
          key.length == Long.BYTES + Integer.BYTES
              ? user + ", hour " + ByteBuffer.wrap(key).getInt(Long.BYTES)
              : Arrays.toString(key);
    };
  }
}
