package io.lsmdb.bench.compare;

import io.lsmdb.Durability;
import java.nio.file.Path;
import java.util.Map;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.type.ByteArrayDataType;

/**
 * MVStore, the storage of the H2 database: a copy-on-write B-tree.
 *
 * <p>Thread-safe. It keeps arrays that it is given, hence gets copies. Writes are committed by its
 * own thread about once a second; a batch is committed with whatever was put before.
 */
final class MvStoreEngine implements BenchEngine {
  private static final int COMPACT_MILLIS = 60_000;

  private final MVStore store;
  private final MVMap<byte[], byte[]> map;
  private final boolean sync;

  MvStoreEngine(Path directory, Settings settings) {
    store =
        new MVStore.Builder()
            .fileName(directory.resolve("store.mv").toString())
            .cacheSize((int) Math.max(1, settings.cacheBytes() >> 20))
            .compress()
            .open();
    map =
        store.openMap(
            "records",
            new MVMap.Builder<byte[], byte[]>()
                .keyType(ByteArrayDataType.INSTANCE)
                .valueType(ByteArrayDataType.INSTANCE));
    sync = settings.durability() == Durability.SYNC;
  }

  @Override
  public void put(byte[] key, byte[] value) {
    map.put(key.clone(), value.clone());
    if (sync) {
      store.commit();
      store.sync();
    }
  }

  @Override
  public void putSync(byte[] key, byte[] value) {
    map.put(key.clone(), value.clone());
    store.commit();
    store.sync();
  }

  @Override
  public void putBatch(byte[][] keys, byte[][] values) {
    for (int i = 0; i < keys.length; i++) {
      map.put(keys[i], values[i]);
    }
    store.commit();
  }

  @Override
  public void delete(byte[] key) {
    map.remove(key);
  }

  @Override
  public int get(byte[] key, byte[] into) {
    return Copies.copy(map.get(key), into);
  }

  @Override
  public Cursor cursor() {
    return new MvCursor(map);
  }

  @Override
  public Snapshot snapshot() {
    MVMap<byte[], byte[]> old = openNewest();
    return new Snapshot() {
      @Override
      public int get(byte[] key, byte[] into) {
        return Copies.copy(old.get(key), into);
      }

      @Override
      public void close() {}
    };
  }

  /** A version in which nothing is missing; one at a time, for few old versions are kept. */
  private synchronized MVMap<byte[], byte[]> openNewest() {
    long current = store.getCurrentVersion();
    boolean changed = store.commit() >= 0;
    return map.openVersion(changed || current == 0 ? current : current - 1);
  }

  @Override
  public void flush() {
    store.commit();
  }

  @Override
  public void compact() {
    store.commit();
    store.compactFile(COMPACT_MILLIS);
  }

  @Override
  public Map<String, String> facts() {
    return Map.of(
        "compression", "LZF",
        "log", "none: commits about once a second, kill -9 loses what came after",
        "batch", "commits at its end; not atomic by itself",
        "checksums", "of chunks, not of pages");
  }

  @Override
  public void close() {
    store.close();
  }

  private static final class MvCursor implements Cursor {
    private final MVMap<byte[], byte[]> map;
    private org.h2.mvstore.Cursor<byte[], byte[]> cursor;
    private byte[] key;
    private byte[] value;
    private boolean reverse;

    MvCursor(MVMap<byte[], byte[]> map) {
      this.map = map;
    }

    @Override
    public boolean seek(byte[] target) {
      cursor = map.cursor(target);
      reverse = false;
      return step();
    }

    @Override
    public boolean seekToFirst() {
      return seek(null);
    }

    @Override
    public boolean seekToLast() {
      cursor = map.cursor(null, null, true);
      reverse = true;
      return step();
    }

    private boolean step() {
      if (!cursor.hasNext()) {
        return false;
      }
      key = cursor.next();
      value = cursor.getValue();
      return true;
    }

    @Override
    public boolean next() {
      turn(false);
      return step();
    }

    @Override
    public boolean prev() {
      turn(true);
      return step();
    }

    private void turn(boolean wanted) {
      if (reverse != wanted) {
        cursor = map.cursor(key, null, wanted);
        cursor.next();
        reverse = wanted;
      }
    }

    @Override
    public int key(byte[] into) {
      return Copies.copy(key, into);
    }

    @Override
    public int value(byte[] into) {
      return Copies.copy(value, into);
    }

    @Override
    public void close() {}
  }
}
