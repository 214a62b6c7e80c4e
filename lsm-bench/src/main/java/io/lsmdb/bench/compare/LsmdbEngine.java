package io.lsmdb.bench.compare;

import io.lsmdb.ColumnFamily;
import io.lsmdb.ColumnFamilyOptions;
import io.lsmdb.Db;
import io.lsmdb.DbIterator;
import io.lsmdb.DbOptions;
import io.lsmdb.DbStats;
import io.lsmdb.MergeOperator;
import io.lsmdb.WriteBatch;
import io.lsmdb.WriteOptions;
import io.lsmdb.operators.ListAppend;
import io.lsmdb.operators.LongOperator;
import java.nio.file.Path;
import java.util.Map;

/** This library. Thread-safe. */
final class LsmdbEngine implements BenchEngine {
  private static final byte[] ONE = LongOperator.encode(1);

  private final Db db;
  private final ColumnFamily family;
  private final WriteOptions writes;

  LsmdbEngine(Path directory, Settings settings) {
    ColumnFamilyOptions options =
        ColumnFamilyOptions.builder()
            .writeBufferSize(settings.writeBufferBytes())
            .maxWriteBufferNumber(Settings.MEMTABLES)
            .bloomBitsPerKey(Settings.BLOOM_BITS)
            .mergeOperator(operator(settings.merging()))
            .build();
    db =
        Db.open(
            directory,
            DbOptions.builder()
                .blockCacheSize(settings.cacheBytes())
                .maxBackgroundJobs(Settings.BACKGROUND_JOBS)
                .defaultFamilyOptions(options)
                .listener(new LsmdbEvents(settings.events()))
                .build());
    family = db.defaultColumnFamily();
    writes = WriteOptions.builder().durability(settings.durability()).build();
  }

  @Override
  public void put(byte[] key, byte[] value) {
    family.put(key, value, writes);
  }

  @Override
  public void putSync(byte[] key, byte[] value) {
    family.put(key, value, WriteOptions.SYNC);
  }

  @Override
  public void putBatch(byte[][] keys, byte[][] values) {
    WriteBatch batch = new WriteBatch();
    for (int i = 0; i < keys.length; i++) {
      batch.put(family, keys[i], values[i]);
    }
    db.write(batch, writes);
  }

  @Override
  public void delete(byte[] key) {
    family.delete(key, writes);
  }

  @Override
  public int get(byte[] key, byte[] into) {
    return family.get(key, into);
  }

  private static MergeOperator operator(Merging merging) {
    return switch (merging) {
      case NONE -> null;
      case COUNTERS -> LongOperator.SUM;
      case LISTS -> ListAppend.OPERATOR;
    };
  }

  @Override
  public void count(byte[] key) {
    family.merge(key, ONE, writes);
  }

  @Override
  public long counter(byte[] key) {
    byte[] number = family.get(key);
    return number == null ? 0 : LongOperator.decode(number);
  }

  @Override
  public void append(byte[] key, byte[] element) {
    family.merge(key, ListAppend.encode(element), writes);
  }

  @Override
  public int elements(byte[] key, byte[] into) {
    // Each element of this length has its length before and behind it, in a byte.
    return Math.max(0, family.get(key, into)) / (Merging.ELEMENT_BYTES + 2);
  }

  @Override
  public Cursor cursor() {
    return new LsmdbCursor(family.iterate());
  }

  @Override
  public Snapshot snapshot() {
    io.lsmdb.Snapshot snapshot = db.snapshot();
    return new Snapshot() {
      @Override
      public int get(byte[] key, byte[] into) {
        return snapshot.of(family).get(key, into);
      }

      @Override
      public void close() {
        snapshot.close();
      }
    };
  }

  @Override
  public void flush() {
    db.flush();
  }

  @Override
  public boolean isBusy() {
    return db.stats().families().stream()
        .anyMatch(f -> f.immutableMemtables() > 0 || f.runningCompactions() > 0);
  }

  @Override
  public void compact() {
    db.compact();
  }

  @Override
  public long bytesWritten() {
    DbStats stats = db.stats();
    return stats.logBytesWritten() + stats.flushBytesWritten() + stats.compactionBytesWritten();
  }

  @Override
  public Map<String, String> facts() {
    return Map.of(
        "LZ4 codec", db.stats().lz4(),
        "compression", "LZ4 on all levels, the default",
        "block size", "8 KiB, the default",
        "reads", "get and iterator into the caller's array");
  }

  @Override
  public void close() {
    db.close();
  }

  private record LsmdbCursor(DbIterator iterator) implements Cursor {
    @Override
    public boolean seek(byte[] key) {
      iterator.seek(key);
      return iterator.isValid();
    }

    @Override
    public boolean seekToFirst() {
      iterator.seekToFirst();
      return iterator.isValid();
    }

    @Override
    public boolean seekToLast() {
      iterator.seekToLast();
      return iterator.isValid();
    }

    @Override
    public boolean next() {
      iterator.next();
      return iterator.isValid();
    }

    @Override
    public boolean prev() {
      iterator.prev();
      return iterator.isValid();
    }

    @Override
    public int key(byte[] into) {
      return iterator.key(into);
    }

    @Override
    public int value(byte[] into) {
      return iterator.value(into);
    }

    @Override
    public void close() {
      iterator.close();
    }
  }
}
