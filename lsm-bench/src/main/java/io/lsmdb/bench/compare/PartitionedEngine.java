package io.lsmdb.bench.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Several stores of one engine in one process, as a stream processor holds one for each partition.
 *
 * <p>As thread-safe as the engine. The first bits of a key name its store, so that a cursor shows
 * one store in order; it ends with that store. Memory is parted equally. Owns the stores.
 */
final class PartitionedEngine implements BenchEngine {
  /** How many stores there are: a power of two. */
  static final int PARTITIONS = 8;

  private static final int SHIFT = Byte.SIZE - Integer.numberOfTrailingZeros(PARTITIONS);

  private final List<BenchEngine> engines = new ArrayList<>();

  private PartitionedEngine() {}

  /** Opens each store in a directory of its own. */
  static Opener opener(Opener one) {
    return (directory, settings) -> {
      PartitionedEngine all = new PartitionedEngine();
      try {
        for (int i = 0; i < PARTITIONS; i++) {
          Path own = Files.createDirectory(directory.resolve("partition-" + i));
          all.engines.add(one.open(own, share(settings)));
        }
        return all;
      } catch (Throwable e) {
        all.close();
        throw e;
      }
    };
  }

  private static Settings share(Settings all) {
    return new Settings(
        all.cacheBytes() / PARTITIONS,
        all.writeBufferBytes() / PARTITIONS,
        all.durability(),
        all.spaceBytes(),
        all.merging(),
        all.events());
  }

  private BenchEngine of(byte[] key) {
    return engines.get((key[0] & 0xff) >>> SHIFT);
  }

  @Override
  public void put(byte[] key, byte[] value) throws Exception {
    of(key).put(key, value);
  }

  @Override
  public void putSync(byte[] key, byte[] value) throws Exception {
    of(key).putSync(key, value);
  }

  /** Puts all pairs; atomic only within each store. */
  @Override
  public void putBatch(byte[][] keys, byte[][] values) throws Exception {
    for (BenchEngine engine : engines) {
      List<byte[]> ownKeys = new ArrayList<>();
      List<byte[]> ownValues = new ArrayList<>();
      for (int i = 0; i < keys.length; i++) {
        if (of(keys[i]) == engine) {
          ownKeys.add(keys[i]);
          ownValues.add(values[i]);
        }
      }
      engine.putBatch(ownKeys.toArray(new byte[0][]), ownValues.toArray(new byte[0][]));
    }
  }

  @Override
  public void delete(byte[] key) throws Exception {
    of(key).delete(key);
  }

  @Override
  public int get(byte[] key, byte[] into) throws Exception {
    return of(key).get(key, into);
  }

  @Override
  public Cursor cursor() {
    return new PartitionCursor();
  }

  @Override
  public Snapshot snapshot() {
    throw new UnsupportedOperationException("there is no snapshot over several stores");
  }

  @Override
  public void flush() throws Exception {
    for (BenchEngine engine : engines) {
      engine.flush();
    }
  }

  @Override
  public boolean isBusy() throws Exception {
    for (BenchEngine engine : engines) {
      if (engine.isBusy()) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void compact() throws Exception {
    for (BenchEngine engine : engines) {
      engine.compact();
    }
  }

  @Override
  public Map<String, String> facts() {
    return engines.get(0).facts();
  }

  @Override
  public void close() throws IOException {
    for (BenchEngine engine : engines) {
      engine.close();
    }
  }

  /** A cursor over the store of the key that was sought last. Not thread-safe. */
  private final class PartitionCursor implements Cursor {
    private BenchEngine engine;
    private Cursor cursor;

    @Override
    public boolean seek(byte[] key) throws Exception {
      if (of(key) != engine) {
        close();
        engine = of(key);
        cursor = engine.cursor();
      }
      return cursor.seek(key);
    }

    @Override
    public boolean seekToFirst() throws Exception {
      return seek(new byte[] {0});
    }

    @Override
    public boolean seekToLast() throws Exception {
      seek(new byte[] {(byte) 0xff});
      return cursor.seekToLast();
    }

    @Override
    public boolean next() throws Exception {
      return cursor.next();
    }

    @Override
    public boolean prev() throws Exception {
      return cursor.prev();
    }

    @Override
    public int key(byte[] into) {
      return cursor.key(into);
    }

    @Override
    public int value(byte[] into) {
      return cursor.value(into);
    }

    @Override
    public void close() throws IOException {
      if (cursor != null) {
        cursor.close();
        cursor = null;
        engine = null;
      }
    }
  }
}
