package io.lsmdb.bench.compare;

import io.lsmdb.Durability;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Set;
import org.rocksdb.CompactRangeOptions;
import org.rocksdb.CompactRangeOptions.BottommostLevelCompaction;
import org.rocksdb.FlushOptions;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * RocksDB through its JNI binding; how it is set up, {@link RocksFlavor} says.
 *
 * <p>Thread-safe; owns every native handle. Gets go into the caller's array, and iterators into
 * direct buffers: the cheapest ways of the binding.
 */
final class RocksEngine implements BenchEngine {
  /** Universal compaction may call itself pending for ever, so that is not asked for. */
  private static final Set<String> BUSY =
      Set.of(
          "rocksdb.mem-table-flush-pending",
          "rocksdb.num-running-flushes",
          "rocksdb.num-running-compactions");

  /** For {@code UInt64AddOperator}, whose numbers are little-endian. */
  private static final byte[] ONE = {1, 0, 0, 0, 0, 0, 0, 0};

  private static final ThreadLocal<Buffers> BUFFERS = ThreadLocal.withInitial(Buffers::new);

  private final RocksDB db;
  private final RocksFlavor.Owner owner;
  private final WriteOptions writes;
  private final WriteOptions syncWrites;
  private final ReadOptions reads;

  RocksEngine(RocksDB db, Durability durability, RocksFlavor.Owner owner) {
    this.db = db;
    this.owner = owner;
    this.writes =
        owner
            .own(new WriteOptions())
            .setDisableWAL(durability == Durability.NO_WAL)
            .setSync(durability == Durability.SYNC);
    this.syncWrites = owner.own(new WriteOptions()).setSync(true);
    this.reads = owner.own(new ReadOptions());
  }

  @Override
  public void put(byte[] key, byte[] value) throws RocksDBException {
    db.put(writes, key, value);
  }

  @Override
  public void putSync(byte[] key, byte[] value) throws RocksDBException {
    db.put(syncWrites, key, value);
  }

  @Override
  public void putBatch(byte[][] keys, byte[][] values) throws RocksDBException {
    try (WriteBatch batch = new WriteBatch()) {
      for (int i = 0; i < keys.length; i++) {
        batch.put(keys[i], values[i]);
      }
      db.write(writes, batch);
    }
  }

  @Override
  public void delete(byte[] key) throws RocksDBException {
    db.delete(writes, key);
  }

  @Override
  public int get(byte[] key, byte[] into) throws RocksDBException {
    return db.get(reads, key, into);
  }

  @Override
  public void count(byte[] key) throws RocksDBException {
    db.merge(writes, key, ONE);
  }

  @Override
  public long counter(byte[] key) throws RocksDBException {
    byte[] number = new byte[Long.BYTES];
    return db.get(reads, key, number) < 0
        ? 0
        : Long.reverseBytes(ByteBuffer.wrap(number).getLong());
  }

  @Override
  public void append(byte[] key, byte[] element) throws RocksDBException {
    db.merge(writes, key, element);
  }

  @Override
  public int elements(byte[] key, byte[] into) throws RocksDBException {
    // A separator of one byte stands between elements.
    return (Math.max(0, db.get(reads, key, into)) + 1) / (Merging.ELEMENT_BYTES + 1);
  }

  @Override
  public Cursor cursor() {
    return new RocksCursor(db.newIterator(reads));
  }

  @Override
  public Snapshot snapshot() {
    org.rocksdb.Snapshot snapshot = db.getSnapshot();
    ReadOptions options = new ReadOptions().setSnapshot(snapshot);
    return new Snapshot() {
      @Override
      public int get(byte[] key, byte[] into) throws RocksDBException {
        return db.get(options, key, into);
      }

      @Override
      public void close() {
        options.close();
        db.releaseSnapshot(snapshot);
        snapshot.close();
      }
    };
  }

  @Override
  public void flush() throws RocksDBException {
    try (FlushOptions wait = new FlushOptions().setWaitForFlush(true)) {
      db.flush(wait);
    }
  }

  @Override
  public boolean isBusy() throws RocksDBException {
    for (String property : BUSY) {
      if (db.getLongProperty(property) != 0) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void compact() throws RocksDBException {
    try (CompactRangeOptions options =
        new CompactRangeOptions()
            .setBottommostLevelCompaction(BottommostLevelCompaction.kForceOptimized)) {
      db.compactRange(db.getDefaultColumnFamily(), null, null, options);
    }
  }

  @Override
  public Map<String, String> facts() {
    return owner.facts;
  }

  @Override
  public void close() {
    db.close();
    owner.close();
  }

  private static final class RocksCursor implements Cursor {
    private final RocksIterator iterator;

    /** Those of the thread that moves the cursor, which need not be the one that opened it. */
    private Buffers buffers;

    RocksCursor(RocksIterator iterator) {
      this.iterator = iterator;
    }

    private Buffers buffers() {
      if (buffers == null) {
        buffers = BUFFERS.get();
      }
      return buffers;
    }

    @Override
    public boolean seek(byte[] key) throws RocksDBException {
      iterator.seek(buffers().keys.clear().put(key).flip());
      return isValid();
    }

    @Override
    public boolean seekToFirst() throws RocksDBException {
      iterator.seekToFirst();
      return isValid();
    }

    @Override
    public boolean seekToLast() throws RocksDBException {
      iterator.seekToLast();
      return isValid();
    }

    @Override
    public boolean next() throws RocksDBException {
      iterator.next();
      return isValid();
    }

    @Override
    public boolean prev() throws RocksDBException {
      iterator.prev();
      return isValid();
    }

    /** An iterator ends by an error too. */
    private boolean isValid() throws RocksDBException {
      if (iterator.isValid()) {
        return true;
      }
      iterator.status();
      return false;
    }

    @Override
    public int key(byte[] into) {
      ByteBuffer keys = buffers().keys.clear();
      int length = iterator.key(keys);
      keys.get(0, into, 0, Math.min(length, into.length));
      return length;
    }

    @Override
    public int value(byte[] into) {
      ByteBuffer values = buffers().values(into.length);
      int length = iterator.value(values);
      values.get(0, into, 0, Math.min(length, into.length));
      return length;
    }

    @Override
    public void close() {
      iterator.close();
    }
  }

  /** Direct memory of a thread, for one call at a time. */
  private static final class Buffers {
    final ByteBuffer keys = ByteBuffer.allocateDirect(64);
    private ByteBuffer values = ByteBuffer.allocateDirect(1 << 10);

    ByteBuffer values(int length) {
      if (values.capacity() < length) {
        values = ByteBuffer.allocateDirect(length);
      }
      return values.clear();
    }
  }
}
