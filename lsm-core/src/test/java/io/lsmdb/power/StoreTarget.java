package io.lsmdb.power;

import io.lsmdb.ColumnFamily;
import io.lsmdb.Db;
import io.lsmdb.WriteBatch;
import io.lsmdb.WriteOptions;
import io.lsmdb.power.Step.Change;

/**
 * Takes the steps of a {@link Workload} in a store.
 *
 * <p>Thread-safe as the store is, which belongs to the caller.
 */
final class StoreTarget {
  private final Db db;

  /** Uses a store, and creates the families that it lacks. */
  StoreTarget(Db db) {
    this.db = db;
    Workload.FAMILIES.forEach(this::createIfMissing);
    createIfMissing(Workload.UNLOGGED);
  }

  private void createIfMissing(String name) {
    if (db.columnFamily(name).isEmpty()) {
      db.createColumnFamily(name);
    }
  }

  private ColumnFamily family(String name) {
    return db.columnFamily(name).orElseThrow();
  }

  /** Takes a step; on return its promise holds. */
  void take(Step step) {
    switch (step.kind()) {
      case BUFFERED -> change(step, WriteOptions.BUFFERED);
      case SYNC -> change(step, WriteOptions.SYNC);
      case UNLOGGED -> change(step, WriteOptions.NO_WAL);
      case FLUSH -> db.flush();
      case COMPACT -> family(Workload.FAMILIES.get(1)).compact(null, null);
    }
  }

  private void change(Step step, WriteOptions options) {
    if (step.changes().size() == 1) {
      change(step.changes().get(0), options);
      return;
    }
    WriteBatch batch = new WriteBatch();
    for (Change change : step.changes()) {
      ColumnFamily family = family(change.family());
      switch (change.type()) {
        case PUT -> batch.put(family, change.key(), change.value());
        case DELETE -> batch.delete(family, change.key());
        case MERGE -> batch.merge(family, change.key(), change.value());
        case DELETE_RANGE -> batch.deleteRange(family, change.key(), change.value());
        default -> throw new IllegalArgumentException(change.type() + " in a batch");
      }
    }
    db.write(batch, options);
  }

  private void change(Change change, WriteOptions options) {
    ColumnFamily family = family(change.family());
    switch (change.type()) {
      case PUT -> family.put(change.key(), change.value(), options);
      case DELETE -> family.delete(change.key(), options);
      case MERGE -> family.merge(change.key(), change.value(), options);
      case DELETE_RANGE -> family.deleteRange(change.key(), change.value(), options);
      case PUT_IF_ABSENT -> family.putIfAbsent(change.key(), change.value(), options);
      case REVERSE -> family.compute(change.key(), Workload::reverse, options);
    }
  }
}
