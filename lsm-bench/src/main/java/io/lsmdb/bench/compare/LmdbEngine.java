package io.lsmdb.bench.compare;

import io.lsmdb.Durability;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.lmdbjava.Dbi;
import org.lmdbjava.DbiFlags;
import org.lmdbjava.Env;
import org.lmdbjava.EnvFlags;
import org.lmdbjava.GetOp;
import org.lmdbjava.SeekOp;
import org.lmdbjava.Txn;

/**
 * LMDB, a memory-mapped B+ tree, through its JNI binding.
 *
 * <p>Thread-safe. A put is a transaction of its own, written to the system and not forced. Each
 * thread keeps direct buffers and a read transaction, which is renewed for every get.
 */
final class LmdbEngine implements BenchEngine {
  private static final int MAX_READERS = 256;
  private static final int MAX_KEY = 511;

  private final Env<ByteBuffer> env;
  private final Dbi<ByteBuffer> dbi;
  private final Queue<Txn<ByteBuffer>> reads = new ConcurrentLinkedQueue<>();
  private final ThreadLocal<PerThread> perThread = ThreadLocal.withInitial(PerThread::new);

  LmdbEngine(Path directory, Settings settings) {
    Env.Builder<ByteBuffer> builder =
        Env.create().setMapSize(settings.spaceBytes()).setMaxDbs(1).setMaxReaders(MAX_READERS);
    env =
        settings.durability() == Durability.SYNC
            ? builder.open(directory.toFile(), EnvFlags.MDB_NOTLS)
            : builder.open(directory.toFile(), EnvFlags.MDB_NOTLS, EnvFlags.MDB_NOSYNC);
    dbi = env.openDbi("records", DbiFlags.MDB_CREATE);
  }

  private final class PerThread {
    final ByteBuffer key = ByteBuffer.allocateDirect(MAX_KEY);
    private ByteBuffer value = ByteBuffer.allocateDirect(1 << 10);
    final Txn<ByteBuffer> read = env.txnRead();

    PerThread() {
      read.reset();
      reads.add(read);
    }

    ByteBuffer key(byte[] bytes) {
      return key.clear().put(bytes).flip();
    }

    ByteBuffer value(byte[] bytes) {
      if (value.capacity() < bytes.length) {
        value = ByteBuffer.allocateDirect(bytes.length);
      }
      return value.clear().put(bytes).flip();
    }
  }

  @Override
  public void put(byte[] key, byte[] value) {
    PerThread mine = perThread.get();
    try (Txn<ByteBuffer> txn = env.txnWrite()) {
      dbi.put(txn, mine.key(key), mine.value(value));
      txn.commit();
    }
  }

  @Override
  public void putSync(byte[] key, byte[] value) {
    put(key, value);
    env.sync(true);
  }

  @Override
  public void putBatch(byte[][] keys, byte[][] values) {
    PerThread mine = perThread.get();
    try (Txn<ByteBuffer> txn = env.txnWrite()) {
      for (int i = 0; i < keys.length; i++) {
        dbi.put(txn, mine.key(keys[i]), mine.value(values[i]));
      }
      txn.commit();
    }
  }

  @Override
  public void delete(byte[] key) {
    dbi.delete(perThread.get().key(key));
  }

  @Override
  public int get(byte[] key, byte[] into) {
    PerThread mine = perThread.get();
    mine.read.renew();
    try {
      return Copies.copy(dbi.get(mine.read, mine.key(key)), into);
    } finally {
      mine.read.reset();
    }
  }

  @Override
  public Cursor cursor() {
    return new LmdbCursor(env.txnRead());
  }

  @Override
  public Snapshot snapshot() {
    Txn<ByteBuffer> txn = env.txnRead();
    return new Snapshot() {
      @Override
      public int get(byte[] key, byte[] into) {
        return Copies.copy(dbi.get(txn, perThread.get().key(key)), into);
      }

      @Override
      public void close() {
        txn.close();
      }
    };
  }

  @Override
  public void flush() {
    // A committed transaction is in the file already.
  }

  @Override
  public void compact() {
    // A B-tree reads as it stands.
  }

  @Override
  public long bytesOnDisk() {
    return (env.info().lastPageNumber + 1) * env.stat().pageSize;
  }

  @Override
  public Map<String, String> facts() {
    return Map.of(
        "compression", "none",
        "cache", "the page cache of the system, without limit",
        "log", "none: each put is a copy-on-write transaction, MDB_NOSYNC when buffered",
        "checksums", "none");
  }

  @Override
  public void close() {
    reads.forEach(Txn::close);
    env.close();
  }

  private final class LmdbCursor implements Cursor {
    private final Txn<ByteBuffer> txn;
    private final org.lmdbjava.Cursor<ByteBuffer> cursor;

    LmdbCursor(Txn<ByteBuffer> txn) {
      this.txn = txn;
      this.cursor = dbi.openCursor(txn);
    }

    @Override
    public boolean seek(byte[] key) {
      return cursor.get(perThread.get().key(key), GetOp.MDB_SET_RANGE);
    }

    @Override
    public boolean seekToFirst() {
      return cursor.seek(SeekOp.MDB_FIRST);
    }

    @Override
    public boolean seekToLast() {
      return cursor.seek(SeekOp.MDB_LAST);
    }

    @Override
    public boolean next() {
      return cursor.next();
    }

    @Override
    public boolean prev() {
      return cursor.prev();
    }

    @Override
    public int key(byte[] into) {
      return Copies.copy(cursor.key(), into);
    }

    @Override
    public int value(byte[] into) {
      return Copies.copy(cursor.val(), into);
    }

    @Override
    public void close() {
      cursor.close();
      txn.close();
    }
  }
}
