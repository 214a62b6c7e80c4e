package io.lsmdb.bench.demo;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * What the state must be: a plain recomputation in memory, from the events alone.
 *
 * <p>Not thread-safe. Never looks at the store. Compact, because it holds the whole state on the
 * heap.
 */
final class ExpectedState {
  private static final int COUNT = 0;
  private static final int SUM = 1;
  private static final int MIN = 2;
  private static final int MAX = 3;
  private static final int PURCHASES = 0;
  private static final int RETURNS = 1;
  private static final int FIRST_RING = 8;

  private final Map<String, Integer> merchantIds = new HashMap<>();
  private final List<String> merchants = new ArrayList<>();

  /** (user, merchant id) → pence. */
  private final LongTable spend = new LongTable(1);

  /** (user, 0) → events; the row is the index of the user's ring. */
  private final LongTable users = new LongTable(1);

  /**
   * Timestamp and amount alternate; event number n of a user stands at n modulo {@link
   * Layout#RECENT}.
   */
  private final List<long[]> rings = new ArrayList<>();

  /** (user, 0) → purchases, returns. */
  private final LongTable tiers = new LongTable(2);

  /** (user, hour) → count, sum, min, max. */
  private final LongTable hours = new LongTable(4);

  private long busiestUser = -1;
  private long busiestEvents;

  void apply(Purchase purchase) {
    long user = purchase.user();
    long amount = purchase.amount();
    Integer known = merchantIds.get(purchase.merchant());
    int merchant = known == null ? newMerchant(purchase.merchant()) : known;

    int row = spend.findOrAdd(user, merchant);
    spend.set(row, 0, spend.get(row, 0) + amount);

    remember(purchase);

    row = tiers.findOrAdd(user, 0);
    int column = amount >= 0 ? PURCHASES : RETURNS;
    tiers.set(row, column, tiers.get(row, column) + Math.abs(amount));

    row = hours.findOrAdd(user, purchase.hour());
    boolean first = hours.get(row, COUNT) == 0;
    hours.set(row, COUNT, hours.get(row, COUNT) + 1);
    hours.set(row, SUM, hours.get(row, SUM) + amount);
    hours.set(row, MIN, first ? amount : Math.min(hours.get(row, MIN), amount));
    hours.set(row, MAX, first ? amount : Math.max(hours.get(row, MAX), amount));
  }

  private int newMerchant(String merchant) {
    int id = merchants.size();
    merchants.add(merchant);
    merchantIds.put(merchant, id);
    return id;
  }

  private void remember(Purchase purchase) {
    int row = users.findOrAdd(purchase.user(), 0);
    long events = users.get(row, 0);
    if (row == rings.size()) {
      rings.add(new long[FIRST_RING]);
    }
    long[] ring = rings.get(row);
    int at = (int) (events % Layout.RECENT) * 2;
    if (at == ring.length) {
      ring = Arrays.copyOf(ring, Math.min(ring.length * 2, Layout.RECENT * 2));
      rings.set(row, ring);
    }
    ring[at] = purchase.timestamp();
    ring[at + 1] = purchase.amount();
    users.set(row, 0, ++events);
    if (events > busiestEvents) {
      busiestEvents = events;
      busiestUser = purchase.user();
    }
  }

  /** The user with the most events, or -1 before the first event. */
  long busiestUser() {
    return busiestUser;
  }

  /** How many merchants a user must have; looks at every row. */
  int merchants(long user) {
    int count = 0;
    for (int row = 0; row < spend.size(); row++) {
      count += spend.first(row) == user ? 1 : 0;
    }
    return count;
  }

  /** How many entries a family must have. */
  long entries(Shape shape) {
    return table(shape).size();
  }

  private LongTable table(Shape shape) {
    return switch (shape) {
      case SPEND -> spend;
      case RECENT -> users;
      case TIER -> tiers;
      case HOURLY -> hours;
    };
  }

  /**
   * The value that a key must have.
   *
   * @return null when there must be no such key
   */
  byte[] value(Shape shape, byte[] key) {
    if (key.length < Long.BYTES) {
      return null;
    }
    long second;
    if (shape == Shape.SPEND) {
      Integer merchant = merchantIds.get(Layout.merchant(key));
      second = merchant == null ? -1 : merchant;
    } else if (shape == Shape.HOURLY) {
      second =
          key.length == Long.BYTES + Integer.BYTES ? ByteBuffer.wrap(key).getInt(Long.BYTES) : -1;
    } else {
      second = key.length == Long.BYTES ? 0 : -1;
    }
    int row = table(shape).find(Layout.user(key), second);
    return row < 0 ? null : value(shape, row);
  }

  /** Hands out every key with its value, in no order. */
  void forEach(Shape shape, BiConsumer<byte[], byte[]> action) {
    LongTable table = table(shape);
    for (int row = 0; row < table.size(); row++) {
      long user = table.first(row);
      byte[] key =
          switch (shape) {
            case SPEND -> Layout.merchantKey(user, merchants.get((int) table.second(row)));
            case RECENT, TIER -> Layout.userKey(user);
            case HOURLY -> Layout.hourKey(user, (int) table.second(row));
          };
      action.accept(key, value(shape, row));
    }
  }

  private byte[] value(Shape shape, int row) {
    return switch (shape) {
      case SPEND -> Layout.spend(spend.get(row, 0));
      case RECENT -> recent(row);
      case TIER -> Layout.tier(tiers.get(row, PURCHASES), tiers.get(row, RETURNS));
      case HOURLY ->
          Layout.hourly(
              hours.get(row, COUNT), hours.get(row, SUM), hours.get(row, MIN), hours.get(row, MAX));
    };
  }

  private byte[] recent(int row) {
    long events = users.get(row, 0);
    long[] ring = rings.get(row);
    ByteBuffer list =
        ByteBuffer.allocate((int) Math.min(events, Layout.RECENT) * Layout.RECENT_ELEMENT);
    for (long event = Math.max(0, events - Layout.RECENT); event < events; event++) {
      int at = (int) (event % Layout.RECENT) * 2;
      list.putLong(ring[at]).putLong(ring[at + 1]);
    }
    return list.array();
  }
}
