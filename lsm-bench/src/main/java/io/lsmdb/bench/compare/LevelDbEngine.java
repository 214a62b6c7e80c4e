package io.lsmdb.bench.compare;

import io.lsmdb.Durability;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.iq80.leveldb.CompressionType;
import org.iq80.leveldb.DB;
import org.iq80.leveldb.DBIterator;
import org.iq80.leveldb.Options;
import org.iq80.leveldb.ReadOptions;
import org.iq80.leveldb.WriteBatch;
import org.iq80.leveldb.WriteOptions;
import org.iq80.leveldb.impl.DbImpl;
import org.iq80.leveldb.impl.Iq80DBFactory;
import org.iq80.leveldb.util.Snappy;

/** The Java port of LevelDB. Thread-safe. It keeps arrays that it is given, hence gets copies. */
final class LevelDbEngine implements BenchEngine {
  private final DB db;
  private final WriteOptions writes;
  private final WriteOptions syncWrites = new WriteOptions().sync(true);

  LevelDbEngine(Path directory, Settings settings) throws IOException {
    Options options =
        new Options()
            .createIfMissing(true)
            .cacheSize(settings.cacheBytes())
            .writeBufferSize((int) settings.writeBufferBytes())
            .compressionType(Snappy.available() ? CompressionType.SNAPPY : CompressionType.NONE);
    db = new Iq80DBFactory().open(directory.toFile(), options);
    writes = new WriteOptions().sync(settings.durability() == Durability.SYNC);
  }

  @Override
  public void put(byte[] key, byte[] value) {
    db.put(key.clone(), value.clone(), writes);
  }

  @Override
  public void putSync(byte[] key, byte[] value) {
    db.put(key.clone(), value.clone(), syncWrites);
  }

  @Override
  public void putBatch(byte[][] keys, byte[][] values) throws IOException {
    try (WriteBatch batch = db.createWriteBatch()) {
      for (int i = 0; i < keys.length; i++) {
        batch.put(keys[i], values[i]);
      }
      db.write(batch, writes);
    }
  }

  @Override
  public void delete(byte[] key) {
    db.delete(key.clone(), writes);
  }

  @Override
  public int get(byte[] key, byte[] into) {
    return Copies.copy(db.get(key), into);
  }

  @Override
  public Cursor cursor() {
    return new LevelDbCursor(db.iterator());
  }

  @Override
  public Snapshot snapshot() {
    org.iq80.leveldb.Snapshot snapshot = db.getSnapshot();
    ReadOptions options = new ReadOptions().snapshot(snapshot);
    return new Snapshot() {
      @Override
      public int get(byte[] key, byte[] into) {
        return Copies.copy(db.get(key, options), into);
      }

      @Override
      public void close() throws IOException {
        snapshot.close();
      }
    };
  }

  @Override
  public void flush() {
    if (db instanceof DbImpl implementation) {
      implementation.flushMemTable();
    }
  }

  @Override
  public void compact() {
    // The port does not offer it: its files stay as its own compactions leave them.
  }

  @Override
  public Map<String, String> facts() {
    return Map.of(
        "compression", Snappy.available() ? "Snappy" : "none: no Snappy on the class path",
        "filters", "none: the port has none",
        "log", "always written",
        "compaction", "on its own only",
        "checksums", "of blocks not verified on reading");
  }

  @Override
  public void close() throws IOException {
    db.close();
  }

  private static final class LevelDbCursor implements Cursor {
    private final DBIterator iterator;
    private Map.Entry<byte[], byte[]> entry;

    LevelDbCursor(DBIterator iterator) {
      this.iterator = iterator;
    }

    @Override
    public boolean seek(byte[] key) {
      iterator.seek(key);
      return next();
    }

    @Override
    public boolean seekToFirst() {
      iterator.seekToFirst();
      return next();
    }

    @Override
    public boolean seekToLast() {
      throw new UnsupportedOperationException("iterators go forward only");
    }

    @Override
    public boolean next() {
      entry = iterator.hasNext() ? iterator.next() : null;
      return entry != null;
    }

    @Override
    public boolean prev() {
      throw new UnsupportedOperationException("iterators go forward only");
    }

    @Override
    public int key(byte[] into) {
      return Copies.copy(entry.getKey(), into);
    }

    @Override
    public int value(byte[] into) {
      return Copies.copy(entry.getValue(), into);
    }

    @Override
    public void close() throws IOException {
      iterator.close();
    }
  }
}
