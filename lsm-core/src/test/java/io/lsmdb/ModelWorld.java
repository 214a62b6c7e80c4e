package io.lsmdb;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.lsmdb.testing.ModelDb;
import io.lsmdb.testing.TestOperators;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A store with its model, and what a {@link ModelRun} chooses from: families, keys, values, bounds,
 * snapshots.
 *
 * <p>Not thread-safe. Draws everything from one seed.
 */
final class ModelWorld {
  private static final List<Durability> DURABILITIES =
      List.of(Durability.BUFFERED, Durability.BUFFERED, Durability.NO_WAL, Durability.SYNC);

  /** The length of the longest values, a marked one's included. */
  static final int LONGEST = 70_001;

  /** In place of a time to live or an expiry: none ever. */
  static final long NEVER = Long.MAX_VALUE;

  /** The keys that files may be dropped of: never merged, as half of the operands could go. */
  private static final String UNMERGED = "a-long-common-prefix/";

  record Pinned(Snapshot snapshot, ModelDb model) {}

  final Random random;
  final ModelDb model = new ModelDb();
  final Map<String, ColumnFamily> families = new TreeMap<>();
  final List<Pinned> snapshots = new ArrayList<>();
  final AtomicLong clock = new AtomicLong(1_000);
  final MergeOperator operator; // null for none
  final boolean counting; // then nothing vanishes without a write
  final boolean filtering;

  Db db;
  private final Map<String, Integer> performed = new HashMap<>();
  private final int keySpace;
  private long values;

  ModelWorld(long seed) {
    this.random = new Random(seed);
    this.keySpace = 50 << random.nextInt(5);
    this.counting = seed % 2 == 0;
    this.filtering = seed % 4 == 1;
    this.operator =
        switch (random.nextInt(5)) {
          case 0, 1 -> null; // without one the styles may include fifo, and families times to live
          case 2 -> TestOperators.JOINING;
          default -> TestOperators.HASHING;
        };
  }

  void count(String what) {
    performed.merge(what, 1, Integer::sum);
  }

  /** How often each kind of operation was done. */
  Map<String, Integer> performed() {
    return performed;
  }

  // ---- Choosing

  ColumnFamily anyFamily() {
    List<ColumnFamily> all = new ArrayList<>(families.values());
    return all.get(random.nextInt(all.size()));
  }

  byte[] anyKey() {
    if (filtering && random.nextInt(8) == 0) {
      return MarkedKeys.anyKey(random);
    }
    int number = random.nextInt(keySpace);
    return switch (number % 5) {
      case 0 -> new byte[] {(byte) (number / 5), (byte) number};
      case 1 -> unmergedKey(number);
      case 2 -> number == 2 ? new byte[0] : Arrays.copyOf(new byte[] {-1, -1, -1}, number % 7);
      case 3 -> TestStores.bytes(number + "/" + "x".repeat(number % 300));
      default -> TestStores.key(number);
    };
  }

  private static byte[] unmergedKey(int number) {
    return TestStores.bytes(UNMERGED + number);
  }

  /** A key that may be merged. */
  byte[] anyMergeKey() {
    while (true) {
      byte[] key = anyKey();
      boolean mayLoseOperands = !counting && TestStores.text(key).startsWith(UNMERGED);
      if (!mayLoseOperands && !MarkedKeys.isMarked(key)) {
        return key;
      }
    }
  }

  /** A range of which files may be dropped; a bound of null is none. */
  ModelWrites.Range anyDroppableRange() {
    byte[] from = random.nextBoolean() ? null : anyKey();
    byte[] to = random.nextBoolean() ? null : anyKey();
    if (operator != null) {
      from = from == null ? TestStores.bytes(UNMERGED) : unmergedKey(random.nextInt(keySpace));
      to = to == null ? TestStores.bytes(UNMERGED + "~") : unmergedKey(random.nextInt(keySpace));
    }
    boolean swap = from != null && to != null && Arrays.compareUnsigned(from, to) > 0;
    return new ModelWrites.Range(swap ? to : from, swap ? from : to);
  }

  /** A key that is only ever put once and then single-deleted, over and over. */
  byte[] singleKey() {
    return TestStores.bytes("single/" + random.nextInt(20));
  }

  byte[] anyValue(byte[] key) {
    byte[] value = anyValue();
    return MarkedKeys.isMarked(key)
        ? MarkedKeys.mark(random, value.length == 0 ? new byte[1] : value)
        : value;
  }

  byte[] anyValue() {
    values++;
    int length =
        switch (random.nextInt(200)) {
          case 0 -> 0;
          case 1 -> LONGEST - 1;
          case 2, 3, 4, 5 -> 5_000;
          default -> random.nextInt(300);
        };
    byte[] value = TestStores.value(values, length);
    if (random.nextBoolean()) {
      Arrays.fill(value, length / 4, length, (byte) values); // compressible
    }
    return value;
  }

  byte[] anyOperand() {
    return random.nextInt(4) == 0 ? anyValue() : TestStores.value(++values, random.nextInt(40));
  }

  /** A time to live in ms, 0 for what the family says, or {@link #NEVER}. */
  long anyTimeToLive() {
    if (random.nextInt(6) == 0) {
      return NEVER;
    }
    if (counting || random.nextInt(4) > 0) {
      return 0;
    }
    return soon();
  }

  /** A time to live in ms. */
  long soon() {
    return 1L + random.nextInt(random.nextBoolean() ? 50 : 5_000);
  }

  WriteOptions anyWriteOptions() {
    return anyWriteOptions(0);
  }

  WriteOptions anyWriteOptions(long timeToLive) {
    WriteOptions.Builder options =
        WriteOptions.builder().durability(DURABILITIES.get(random.nextInt(DURABILITIES.size())));
    if (timeToLive > 0) {
      options.timeToLive(
          timeToLive == NEVER ? Duration.ofSeconds(NEVER) : Duration.ofMillis(timeToLive));
    }
    return options.build();
  }

  /** When a put expires that is written now. */
  long expiry(ColumnFamily family, long timeToLive) {
    long time = timeToLive == 0 ? family.options().timeToLiveMillis() : timeToLive;
    return time == 0 || time == NEVER ? NEVER : clock.get() + time;
  }

  ReadOptions anyBounds() {
    return switch (random.nextInt(4)) {
      case 0 -> ReadOptions.DEFAULT;
      case 1 -> anyPrefix();
      default -> {
        byte[] a = random.nextInt(4) == 0 ? null : anyKey();
        byte[] b = random.nextInt(4) == 0 ? null : anyKey();
        boolean swap = a != null && b != null && Arrays.compareUnsigned(a, b) > 0;
        yield ReadOptions.builder()
            .lowerBound(swap ? b : a)
            .upperBound(swap ? a : b)
            .fillCache(random.nextBoolean())
            .build();
      }
    };
  }

  /** A prefix that some key may have, or none. */
  private ReadOptions anyPrefix() {
    byte[] key = random.nextInt(4) == 0 ? singleKey() : anyKey();
    byte[] prefix = Arrays.copyOf(key, random.nextInt(8)); // zeros behind a shorter key
    return ReadOptions.builder()
        .prefix(prefix)
        .lowerBound(random.nextInt(4) == 0 ? prefix : null)
        .build();
  }

  // ---- What the store must show

  /** A snapshot with its model, or null for the store itself. */
  Pinned anyView() {
    return snapshots.isEmpty() || random.nextBoolean()
        ? null
        : snapshots.get(random.nextInt(snapshots.size()));
  }

  ReadView viewOf(Pinned pinned, ColumnFamily family) {
    return pinned == null ? family : pinned.snapshot().of(family);
  }

  NavigableMap<byte[], byte[]> entries(Pinned pinned, ColumnFamily family) {
    ModelDb seen = pinned == null ? model : pinned.model();
    return seen.families().contains(family.name())
        ? seen.entries(family.name())
        : new TreeMap<>(Arrays::compareUnsigned); // created after the snapshot
  }

  /** The entries of a range; a bound of null is none. */
  static NavigableMap<byte[], byte[]> range(
      NavigableMap<byte[], byte[]> entries, byte[] from, byte[] to) {
    if (from != null && to != null && Arrays.compareUnsigned(from, to) >= 0) {
      return new TreeMap<>(Arrays::compareUnsigned);
    }
    NavigableMap<byte[], byte[]> tail = from == null ? entries : entries.tailMap(from, true);
    return to == null ? tail : tail.headMap(to, false);
  }

  /** Compares what a view has shown with the model. */
  void compare(Pinned pinned, ColumnFamily family, byte[] key, byte[] actual, String what) {
    if (pinned == null) {
      observe(family, key, actual, what);
    } else {
      byte[] expected = entries(pinned, family).get(key);
      assertArrayEquals(expected, actual, () -> what + " " + ModelDb.show(key));
    }
  }

  /** Compares what the store has shown with the model, which learns what the filter has done. */
  void observe(ColumnFamily family, byte[] key, byte[] actual, String what) {
    byte[] expected = model.get(family.name(), key);
    if (filtering && MarkedKeys.isFiltered(key, expected, actual)) {
      model.replace(family.name(), key, actual);
      count("filtered");
    } else {
      assertArrayEquals(expected, actual, () -> what + " " + ModelDb.show(key));
    }
  }

  /** Takes a snapshot, and lets the model learn what the filter has done before it. */
  Snapshot settledSnapshot() {
    Snapshot snapshot = db.snapshot();
    for (ColumnFamily family : families.values()) {
      for (byte[] key : List.copyOf(MarkedKeys.within(model.entries(family.name())).keySet())) {
        observe(family, key, snapshot.of(family).get(key), "snapshot");
      }
    }
    return snapshot;
  }
}
