package io.lsmdb.bench.demo;

import io.lsmdb.state.Serializer;
import io.lsmdb.state.Serializers;
import java.nio.ByteBuffer;
import java.util.function.Function;

/** The objects that the demo keeps in its views, with their serializers. Stateless. */
final class StateForms {
  /** Users, which are never negative, as they stand in {@link Layout}. */
  static final Serializer<Long> USER =
      new Fixed<>(Long.BYTES, Layout::userKey, ByteBuffer::getLong);

  /** Pence. */
  static final Serializer<Long> PENCE = new Fixed<>(Long.BYTES, Layout::spend, ByteBuffer::getLong);

  /** Merchants. */
  static final Serializer<String> MERCHANT = Serializers.STRING;

  /** The list of a user's last purchases, which is bounded, and so a value as a whole. */
  static final Serializer<byte[]> RECENT = Serializers.BYTES;

  /** What the risk tier of a user follows from; the tier stands before it. */
  static final Serializer<Turnover> TIER =
      new Fixed<>(
          Layout.TIER,
          turnover -> Layout.tier(turnover.purchases, turnover.returns),
          bytes -> new Turnover(bytes.getLong(1), bytes.getLong(1 + Long.BYTES)));

  /** Keys of the sums of an hour. */
  static final Serializer<UserHour> HOUR =
      new Fixed<>(
          Long.BYTES + Integer.BYTES,
          key -> Layout.hourKey(key.user, key.hour),
          bytes -> new UserHour(bytes.getLong(), bytes.getInt()));

  private StateForms() {}

  /** Pence that a user paid and got back, both at least 0. */
  record Turnover(long purchases, long returns) {
    static final Turnover NONE = new Turnover(0, 0);

    Turnover plus(long amount) {
      return new Turnover(purchases + Math.max(amount, 0), returns + Math.max(-amount, 0));
    }
  }

  /** A user in one hour. */
  record UserHour(long user, int hour) {}

  /** Objects that all take the same number of bytes. */
  private record Fixed<T>(
      int fixedLength, Function<T, byte[]> encoder, Function<ByteBuffer, T> decoder)
      implements Serializer<T> {
    @Override
    public byte[] toBytes(T object) {
      return encoder.apply(object);
    }

    @Override
    public T fromBytes(ByteBuffer bytes) {
      return decoder.apply(bytes);
    }
  }
}
