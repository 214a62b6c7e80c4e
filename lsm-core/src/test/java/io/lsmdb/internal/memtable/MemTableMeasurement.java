package io.lsmdb.internal.memtable;

import io.lsmdb.internal.base.LookupResult;
import io.lsmdb.internal.base.ValueKind;
import io.lsmdb.internal.iterator.InternalIterator;
import io.lsmdb.internal.key.InternalKey;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * Prints what the memtable costs, in ns of thread CPU time an operation, beside the JDK's skip
 * list.
 *
 * <p>Not a test: run its main. Arguments: rounds, variants (memtable, jdk) and shapes of key.
 */
final class MemTableMeasurement {
  private static final int KEYS = 500_000;
  private static final ThreadMXBean CLOCK = ManagementFactory.getThreadMXBean();
  private static final byte[] VALUE = new byte[100];
  private static final long ALL = InternalKey.searchTrailer(InternalKey.MAX_SEQUENCE);

  private static long sink;

  private MemTableMeasurement() {}

  /** Prints one line a round and variant. */
  public static void main(String[] args) {
    int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 5;
    String variants = args.length > 1 ? args[1] : "memtable,jdk";
    String shapes = args.length > 2 ? args[2] : "random,shared,sequential";
    ChunkPool pool = new ChunkPool(1L << 30);
    for (int round = 0; round < rounds; round++) {
      for (String shape : shapes.split(",")) {
        byte[][] keys = keys(shape, round);
        byte[][] missing = keys(shape + "-missing", round + 1000);
        int[] order = shuffled(round);
        if (variants.contains("memtable")) {
          memtable(shape, keys, missing, order, pool);
        }
        if (variants.contains("jdk")) {
          jdk(shape, keys, missing, order);
        }
      }
    }
    System.out.println("sink " + sink);
  }

  private static void memtable(
      String shape, byte[][] keys, byte[][] missing, int[] order, ChunkPool pool) {
    long[] times = new long[7];
    MemTable table = new MemTable(pool, true, MemTablePins.UNKNOWN);
    long sequence = 1;
    times[0] = CLOCK.getCurrentThreadCpuTime();
    for (byte[] key : keys) {
      long trailer = InternalKey.trailer(sequence++, ValueKind.PUT);
      table.add(trailer, key, 0, key.length, VALUE, 0, VALUE.length);
    }
    times[1] = CLOCK.getCurrentThreadCpuTime();
    LookupResult out = new LookupResult();
    for (int i : order) {
      sink += table.get(keys[i], 0, keys[i].length, ALL, out) ? out.valueArray[out.valueOffset] : 1;
    }
    times[2] = CLOCK.getCurrentThreadCpuTime();
    for (byte[] key : missing) {
      sink += table.get(key, 0, key.length, ALL, out) ? 1 : 0;
    }
    times[3] = CLOCK.getCurrentThreadCpuTime();
    InternalIterator it = table.iterator();
    for (it.seekToFirst(); it.isValid(); it.next()) {
      sink += it.keyArray()[it.keyOffset()];
    }
    times[4] = CLOCK.getCurrentThreadCpuTime();
    for (int i : order) {
      it.seek(keys[i], 0, keys[i].length, ALL);
      sink += it.valueLength();
    }
    times[5] = CLOCK.getCurrentThreadCpuTime();
    long memory = table.memoryUsage();
    for (int i : order) {
      byte[] key = keys[i];
      long trailer = InternalKey.trailer(sequence++, ValueKind.PUT);
      table.add(trailer, key, 0, key.length, VALUE, 0, VALUE.length);
    }
    times[6] = CLOCK.getCurrentThreadCpuTime();
    table.release();
    print("memtable", shape, times, memory / (double) KEYS - keys[0].length - VALUE.length);
  }

  private static void jdk(String shape, byte[][] keys, byte[][] missing, int[] order) {
    long[] times = new long[7];
    ConcurrentSkipListMap<byte[], byte[]> map =
        new ConcurrentSkipListMap<>(Arrays::compareUnsigned);
    times[0] = CLOCK.getCurrentThreadCpuTime();
    for (byte[] key : keys) {
      map.put(key.clone(), VALUE.clone());
    }
    times[1] = CLOCK.getCurrentThreadCpuTime();
    for (int i : order) {
      sink += map.get(keys[i])[0];
    }
    times[2] = CLOCK.getCurrentThreadCpuTime();
    for (byte[] key : missing) {
      sink += map.get(key) == null ? 1 : 0;
    }
    times[3] = CLOCK.getCurrentThreadCpuTime();
    for (byte[] key : map.keySet()) {
      sink += key[0];
    }
    times[4] = CLOCK.getCurrentThreadCpuTime();
    for (int i : order) {
      sink += map.ceilingEntry(keys[i]).getValue().length;
    }
    times[5] = CLOCK.getCurrentThreadCpuTime();
    for (int i : order) {
      map.put(keys[i], VALUE.clone());
    }
    times[6] = CLOCK.getCurrentThreadCpuTime();
    print("jdk", shape, times, Double.NaN);
  }

  private static void print(String variant, String shape, long[] times, double overhead) {
    StringBuilder line = new StringBuilder();
    line.append(String.format(Locale.ROOT, "%-8s %-10s", variant, shape));
    String[] names = {"insert", "hit", "miss", "scan", "seek", "overwrite"};
    for (int i = 0; i < names.length; i++) {
      line.append(
          String.format(
              Locale.ROOT, "  %s %5.0f", names[i], (times[i + 1] - times[i]) / (double) KEYS));
    }
    System.out.println(line + String.format(Locale.ROOT, "  overhead %.1f B", overhead));
  }

  private static byte[][] keys(String shape, int seed) {
    Random random = new Random(seed);
    byte[][] keys = new byte[KEYS][];
    for (int i = 0; i < KEYS; i++) {
      byte[] key = new byte[16];
      random.nextBytes(key);
      if (shape.startsWith("shared")) {
        byte[] prefix = KeyShape.text("application/");
        byte[] longer = Arrays.copyOf(prefix, 28);
        System.arraycopy(key, 0, longer, 12, 16);
        key = longer;
      } else if (shape.startsWith("sequential")) {
        key = KeyShape.text(String.format("session%s%08d", shape.length() > 10 ? "-" : "/", i));
      }
      keys[i] = key;
    }
    return keys;
  }

  private static int[] shuffled(int seed) {
    int[] order = new int[KEYS];
    Random random = new Random(seed);
    for (int i = 0; i < KEYS; i++) {
      int j = random.nextInt(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }
}
