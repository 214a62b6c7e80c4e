package io.lsmdb.bench.demo;

import io.lsmdb.ColumnFamily;
import io.lsmdb.Db;
import io.lsmdb.WriteOptions;
import io.lsmdb.bench.demo.StateForms.Turnover;
import io.lsmdb.bench.demo.StateForms.UserHour;
import io.lsmdb.operators.Aggregate;
import io.lsmdb.state.AggregatingState;
import io.lsmdb.state.KeyGroups;
import io.lsmdb.state.KeyedFamily;
import io.lsmdb.state.MapState;
import io.lsmdb.state.Serializer;
import io.lsmdb.state.ValueState;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The operator: per event it reads and writes one key in each of the four families.
 *
 * <p>Not thread-safe. Does not own the store. This is what an application would write; everything
 * else in the package feeds, measures or checks it.
 */
final class PurchaseState {
  private final Latencies latencies;
  private final MapState<Long, String, Long> spend;
  private final ValueState<Long, byte[]> recent;
  private final ValueState<Long, Turnover> tier;
  private final AggregatingState<UserHour, Long, Aggregate> hourly;

  PurchaseState(Db db, WriteOptions durability, Latencies latencies) {
    this.latencies = latencies;
    Map<Shape, ColumnFamily> families = families(db);
    Views views = new Views(db, families, durability);
    this.spend =
        new MapState<>(
            views.keyed(Shape.SPEND, StateForms.USER), StateForms.MERCHANT, StateForms.PENCE);
    this.recent = new ValueState<>(views.keyed(Shape.RECENT, StateForms.USER), StateForms.RECENT);
    this.tier = new ValueState<>(views.keyed(Shape.TIER, StateForms.USER), StateForms.TIER);
    this.hourly = AggregatingState.ofAggregates(views.keyed(Shape.HOURLY, StateForms.HOUR));
  }

  /** Where the views of a store are. */
  private record Views(Db db, Map<Shape, ColumnFamily> families, WriteOptions durability) {
    <K> KeyedFamily<K> keyed(Shape shape, Serializer<K> keys) {
      return new KeyedFamily<>(db, families.get(shape), keys, KeyGroups.NONE, durability);
    }
  }

  /** The demo's families of a store, created where they are missing. */
  static Map<Shape, ColumnFamily> families(Db db) {
    Map<Shape, ColumnFamily> families = new EnumMap<>(Shape.class);
    for (Shape shape : Shape.values()) {
      families.put(shape, db.getOrCreateColumnFamily(shape.family));
    }
    return families;
  }

  void apply(Purchase purchase) {
    addSpend(purchase);
    appendRecent(purchase);
    updateTier(purchase);
    addToHour(purchase);
  }

  /** A user's merchants and the spend at each, in the order of their names; to be closed. */
  Stream<Map.Entry<String, Long>> merchants(long user) {
    return spend.entries(user);
  }

  private void addSpend(Purchase purchase) {
    long user = purchase.user();
    String merchant = purchase.merchant();
    Long before = get(Shape.SPEND, () -> spend.get(user, merchant));
    long after = (before == null ? 0 : before) + purchase.amount();
    put(Shape.SPEND, () -> spend.put(user, merchant, after));
  }

  private void appendRecent(Purchase purchase) {
    long user = purchase.user();
    byte[] before = get(Shape.RECENT, () -> recent.get(user));
    byte[] after = Layout.append(before, purchase.timestamp(), purchase.amount());
    put(Shape.RECENT, () -> recent.put(user, after));
  }

  private void updateTier(Purchase purchase) {
    long user = purchase.user();
    Turnover before = get(Shape.TIER, () -> tier.get(user));
    Turnover after = (before == null ? Turnover.NONE : before).plus(purchase.amount());
    put(Shape.TIER, () -> tier.put(user, after));
  }

  /** Adds without reading, then reads the sums as they are now. */
  private void addToHour(Purchase purchase) {
    UserHour key = new UserHour(purchase.user(), purchase.hour());
    put(Shape.HOURLY, () -> hourly.add(key, purchase.amount()));
    get(Shape.HOURLY, () -> hourly.get(key));
  }

  private <T> T get(Shape shape, Supplier<T> read) {
    long start = System.nanoTime();
    T value = read.get();
    latencies.got(shape, System.nanoTime() - start);
    return value;
  }

  private void put(Shape shape, Runnable write) {
    long start = System.nanoTime();
    write.run();
    latencies.put(shape, System.nanoTime() - start);
  }
}
