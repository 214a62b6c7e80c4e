package io.lsmdb.internal.memtable;

import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.base.Hash;
import io.lsmdb.internal.base.LookupResult;
import io.lsmdb.internal.base.ValueKind;
import io.lsmdb.internal.iterator.InternalIterator;
import io.lsmdb.internal.key.InternalKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * One writer beside readers, in a table that keeps order at once and in one that does not.
 * Operation n of the writer has sequence n and is made visible right after it, so a reader at
 * sequence s must find exactly the versions 1 to s: each of them, in order, intact, whatever newer
 * ones it meets between them.
 */
class MemTableConcurrencyTest {
  private static final int READERS = 3;

  /** Lets readers run beside the writer on machines with few processors. */
  private static final long PAUSE_NANOS = 20_000;

  private final ChunkPool pool = new ChunkPool(64 << 20);
  private final AtomicLong visible = new AtomicLong();

  private byte[][] keyOfSequence;
  private volatile boolean stopped;

  @ParameterizedTest
  @EnumSource(
      value = KeyShape.class,
      names = {
        "RANDOM",
        "SEQUENTIAL",
        "REVERSE_SEQUENTIAL",
        "SHARED_PREFIX_SEQUENTIAL",
        "MANY_USERS",
        "TINY_ALPHABET",
        "ONE_KEY"
      })
  void readersFindExactlyWhatIsVisible(KeyShape shape) throws Exception {
    for (int seed = 0; seed < 2; seed++) {
      try {
        run(shape, seed, 8_000, 0);
      } catch (ExecutionException e) {
        throw new AssertionError("shape " + shape + ", seed " + seed, e.getCause());
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = KeyShape.class,
      names = {"RANDOM", "MANY_USERS"})
  void readersFindExactlyWhatIsVisibleWhileRunsAreMerged(KeyShape shape) throws Exception {
    run(shape, 1, 200_000, 170_000);
  }

  /** Runs the readers, and somebody who sorts, once the first operations are done. */
  private void run(KeyShape shape, int seed, int operations, int before) throws Exception {
    Random random = new Random(seed);
    keyOfSequence = new byte[operations + 1][];
    for (int n = 1; n <= operations; n++) {
      boolean again = n > 1 && random.nextInt(5) == 0;
      keyOfSequence[n] = again ? keyOfSequence[1 + random.nextInt(n - 1)] : shape.key(n, random);
    }
    visible.set(0);
    stopped = false;
    MemTable table = new MemTable(pool, seed == 0, MemTablePins.UNKNOWN);
    write(table, 1, before);
    ExecutorService threads = Executors.newFixedThreadPool(READERS + 1);
    try {
      List<Future<?>> readers = new ArrayList<>();
      for (int i = 0; i < READERS; i++) {
        Random own = new Random(seed * 31L + i);
        readers.add(threads.submit(() -> read(table, own)));
      }
      readers.add(threads.submit(() -> sort(table)));
      write(table, before + 1, operations);
      stopped = true;
      for (Future<?> reader : readers) {
        reader.get();
      }
    } finally {
      stopped = true;
      threads.shutdownNow();
    }
    table.release();
  }

  private void sort(MemTable table) {
    while (!stopped) {
      if (table.hasKeysToSort()) {
        table.sortKeys();
      } else {
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
  }

  private void write(MemTable table, int from, int to) {
    byte[] value = new byte[32];
    for (int n = from; n <= to && !stopped; n++) {
      byte[] key = keyOfSequence[n];
      Bytes.putLong(value, 0, check(key, n));
      long trailer = InternalKey.trailer(n, ValueKind.PUT);
      table.add(trailer, key, 0, key.length, value, 0, 8 + n % 25);
      visible.setRelease(n);
      if (n % 32 == 0) {
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
  }

  private static long check(byte[] key, long sequence) {
    return Hash.mix(Hash.of(key, 0, key.length), sequence);
  }

  private void read(MemTable table, Random random) {
    try (InternalIterator it = table.iterator()) {
      boolean last;
      do {
        last = stopped;
        long snapshot = visible.getAcquire();
        switch (random.nextInt(4)) {
          case 0 -> scanForward(it, snapshot);
          case 1 -> scanBackward(it, snapshot);
          default -> {
            for (int i = 0; i < 200 && snapshot > 0; i++) {
              lookUp(table, it, snapshot, 1 + random.nextInt((int) snapshot));
            }
          }
        }
      } while (!last);
    } catch (RuntimeException | AssertionError e) {
      stopped = true;
      throw e;
    }
  }

  private void scanForward(InternalIterator it, long snapshot) {
    long found = 0;
    InternalKey last = null;
    for (it.seekToFirst(); it.isValid(); it.next()) {
      InternalKey at = current(it);
      require(last == null || last.compareTo(at) < 0, "order", snapshot, at);
      last = at;
      found += at.sequence() <= snapshot ? 1 : 0;
    }
    require(found == snapshot, "forward scan found " + found, snapshot, last);
  }

  private void scanBackward(InternalIterator it, long snapshot) {
    long found = 0;
    InternalKey last = null;
    for (it.seekToLast(); it.isValid(); it.prev()) {
      InternalKey at = current(it);
      require(last == null || last.compareTo(at) > 0, "order", snapshot, at);
      last = at;
      found += at.sequence() <= snapshot ? 1 : 0;
    }
    require(found == snapshot, "backward scan found " + found, snapshot, last);
  }

  private void lookUp(MemTable table, InternalIterator it, long snapshot, int n) {
    byte[] key = keyOfSequence[n];
    long search = InternalKey.searchTrailer(n);
    InternalKey target = new InternalKey(key, InternalKey.trailer(n, ValueKind.PUT));
    LookupResult out = new LookupResult();
    require(table.get(key, 0, key.length, search, out), "get", snapshot, target);
    require(out.trailer == target.trailer(), "version", snapshot, target);
    require(
        Bytes.getLong(out.valueArray, out.valueOffset) == check(key, n), "value", snapshot, target);
    it.seek(key, 0, key.length, search);
    require(it.isValid() && current(it).equals(target), "seek", snapshot, target);
    it.seekBefore(key, 0, key.length, target.trailer());
    if (!it.isValid()) {
      it.seekToFirst();
    } else {
      require(current(it).compareTo(target) < 0, "seekBefore", snapshot, target);
      it.next();
    }
    for (int steps = 0; ; steps++, it.next()) {
      require(it.isValid(), "end after " + steps, snapshot, target);
      if (current(it).equals(target)) {
        return;
      }
      require(current(it).sequence() > snapshot, "skipped", snapshot, current(it));
      require(current(it).compareTo(target) < 0, "passed after " + steps, snapshot, target);
    }
  }

  private InternalKey current(InternalIterator it) {
    int length = it.keyLength();
    byte[] key = new byte[length];
    System.arraycopy(it.keyArray(), it.keyOffset(), key, 0, length);
    InternalKey at = new InternalKey(key, it.trailer());
    int n = (int) at.sequence();
    boolean intact =
        Bytes.equal(key, 0, length, keyOfSequence[n], 0, keyOfSequence[n].length)
            && it.valueLength() == 8 + n % 25
            && Bytes.getLong(it.valueArray(), it.valueOffset()) == check(key, n);
    require(intact, "damaged entry", n, at);
    return at;
  }

  private static void require(boolean condition, String what, long snapshot, InternalKey at) {
    if (!condition) {
      throw new AssertionError(what + " at sequence " + snapshot + ", " + at);
    }
  }
}
