package io.lsmdb.bench.compare;

import io.lsmdb.Durability;
import java.nio.file.Path;
import java.util.Map;
import jetbrains.exodus.ArrayByteIterable;
import jetbrains.exodus.ByteIterable;
import jetbrains.exodus.env.EnvironmentConfig;
import jetbrains.exodus.env.EnvironmentImpl;
import jetbrains.exodus.env.Environments;
import jetbrains.exodus.env.Store;
import jetbrains.exodus.env.StoreConfig;
import jetbrains.exodus.env.Transaction;

/**
 * Xodus, a log-structured B+ tree in Java.
 *
 * <p>Thread-safe. A put is a transaction of its own, written to the log and not forced. It may keep
 * arrays that it is given, hence gets copies.
 */
final class XodusEngine implements BenchEngine {
  private final EnvironmentImpl environment;
  private final Store store;

  XodusEngine(Path directory, Settings settings) {
    EnvironmentConfig config =
        new EnvironmentConfig()
            .setMemoryUsage(settings.cacheBytes())
            .setLogCacheShared(false)
            .setLogDurableWrite(settings.durability() == Durability.SYNC)
            .setManagementEnabled(false);
    environment = (EnvironmentImpl) Environments.newInstance(directory.toFile(), config);
    store =
        environment.computeInTransaction(
            txn -> environment.openStore("records", StoreConfig.WITHOUT_DUPLICATES, txn));
  }

  @Override
  public void put(byte[] key, byte[] value) {
    ByteIterable keyCopy = new ArrayByteIterable(key.clone());
    ByteIterable valueCopy = new ArrayByteIterable(value.clone());
    environment.executeInTransaction(txn -> store.put(txn, keyCopy, valueCopy));
  }

  @Override
  public void putSync(byte[] key, byte[] value) {
    put(key, value);
    environment.flushAndSync();
  }

  @Override
  public void putBatch(byte[][] keys, byte[][] values) {
    environment.executeInTransaction(
        txn -> {
          for (int i = 0; i < keys.length; i++) {
            store.put(txn, new ArrayByteIterable(keys[i]), new ArrayByteIterable(values[i]));
          }
        });
  }

  @Override
  public void delete(byte[] key) {
    ByteIterable copy = new ArrayByteIterable(key.clone());
    environment.executeInTransaction(txn -> store.delete(txn, copy));
  }

  @Override
  public int get(byte[] key, byte[] into) {
    Transaction txn = environment.beginReadonlyTransaction();
    try {
      return get(txn, key, into);
    } finally {
      txn.abort();
    }
  }

  private int get(Transaction txn, byte[] key, byte[] into) {
    ByteIterable value = store.get(txn, new ArrayByteIterable(key.clone()));
    return value == null ? -1 : copy(value, into);
  }

  private static int copy(ByteIterable from, byte[] into) {
    return Copies.copy(from.getBytesUnsafe(), from.getLength(), into);
  }

  @Override
  public Cursor cursor() {
    Transaction txn = environment.beginReadonlyTransaction();
    return new XodusCursor(txn, store.openCursor(txn));
  }

  @Override
  public Snapshot snapshot() {
    Transaction txn = environment.beginReadonlyTransaction();
    return new Snapshot() {
      @Override
      public int get(byte[] key, byte[] into) {
        return XodusEngine.this.get(txn, key, into);
      }

      @Override
      public void close() {
        txn.abort();
      }
    };
  }

  @Override
  public void flush() {
    environment.flushAndSync();
  }

  @Override
  public void compact() {
    // Its collector rewrites files on its own.
  }

  @Override
  public Map<String, String> facts() {
    return Map.of(
        "compression", "none",
        "log", "the store itself is a log; not forced when buffered",
        "compaction", "its own garbage collector, with its defaults");
  }

  @Override
  public void close() {
    environment.close();
  }

  private record XodusCursor(Transaction txn, jetbrains.exodus.env.Cursor cursor)
      implements Cursor {
    @Override
    public boolean seek(byte[] key) {
      return cursor.getSearchKeyRange(new ArrayByteIterable(key.clone())) != null;
    }

    @Override
    public boolean seekToFirst() {
      return seek(new byte[0]);
    }

    @Override
    public boolean seekToLast() {
      return cursor.getLast();
    }

    @Override
    public boolean next() {
      return cursor.getNext();
    }

    @Override
    public boolean prev() {
      return cursor.getPrev();
    }

    @Override
    public int key(byte[] into) {
      return copy(cursor.getKey(), into);
    }

    @Override
    public int value(byte[] into) {
      return copy(cursor.getValue(), into);
    }

    @Override
    public void close() {
      cursor.close();
      txn.abort();
    }
  }
}
