package io.lsmdb.bench.demo;

import io.lsmdb.ColumnFamily;
import io.lsmdb.Db;
import io.lsmdb.WriteOptions;
import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.Map;

/**
 * The operator: per event it reads and writes one key in each of the four families.
 *
 * <p>Not thread-safe. Does not own the store. This is what an application would write; everything
 * else in the package feeds, measures or checks it.
 */
final class PurchaseState {
  private final Db db;
  private final WriteOptions durability;
  private final Latencies latencies;
  private final Map<Shape, ColumnFamily> families;

  PurchaseState(Db db, WriteOptions durability, Latencies latencies) {
    this.db = db;
    this.durability = durability;
    this.latencies = latencies;
    this.families = families(db);
  }

  /** The demo's families of a store, created where they are missing. */
  static Map<Shape, ColumnFamily> families(Db db) {
    Map<Shape, ColumnFamily> families = new EnumMap<>(Shape.class);
    for (Shape shape : Shape.values()) {
      families.put(
          shape,
          db.columnFamily(shape.family).orElseGet(() -> db.createColumnFamily(shape.family)));
    }
    return families;
  }

  void apply(Purchase purchase) {
    addSpend(purchase);
    appendRecent(purchase);
    updateTier(purchase);
    addToHour(purchase);
  }

  private void addSpend(Purchase purchase) {
    byte[] key = Layout.merchantKey(purchase.user(), purchase.merchant());
    byte[] old = get(Shape.SPEND, key);
    long before = old == null ? 0 : ByteBuffer.wrap(old).getLong();
    put(Shape.SPEND, key, Layout.spend(before + purchase.amount()));
  }

  private void appendRecent(Purchase purchase) {
    byte[] key = Layout.userKey(purchase.user());
    byte[] old = get(Shape.RECENT, key);
    put(Shape.RECENT, key, Layout.append(old, purchase.timestamp(), purchase.amount()));
  }

  private void updateTier(Purchase purchase) {
    byte[] key = Layout.userKey(purchase.user());
    byte[] old = get(Shape.TIER, key);
    long purchases = Math.max(purchase.amount(), 0);
    long returns = Math.max(-purchase.amount(), 0);
    if (old != null) {
      ByteBuffer before = ByteBuffer.wrap(old);
      purchases += before.getLong(1);
      returns += before.getLong(1 + Long.BYTES);
    }
    put(Shape.TIER, key, Layout.tier(purchases, returns));
  }

  private void addToHour(Purchase purchase) {
    byte[] key = Layout.hourKey(purchase.user(), purchase.hour());
    byte[] old = get(Shape.HOURLY, key);
    long amount = purchase.amount();
    byte[] value;
    if (old == null) {
      value = Layout.hourly(1, amount, amount, amount);
    } else {
      ByteBuffer before = ByteBuffer.wrap(old);
      value =
          Layout.hourly(
              before.getLong() + 1,
              before.getLong() + amount,
              Math.min(before.getLong(), amount),
              Math.max(before.getLong(), amount));
    }
    put(Shape.HOURLY, key, value);
  }

  private byte[] get(Shape shape, byte[] key) {
    ColumnFamily family = families.get(shape);
    long start = System.nanoTime();
    byte[] value = db.get(family, key);
    latencies.got(shape, System.nanoTime() - start);
    return value;
  }

  private void put(Shape shape, byte[] key, byte[] value) {
    ColumnFamily family = families.get(shape);
    long start = System.nanoTime();
    db.put(family, key, value, durability);
    latencies.put(shape, System.nanoTime() - start);
  }
}
