package io.lsmdb.internal.memtable;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.base.Hash;
import io.lsmdb.internal.base.LookupResult;
import io.lsmdb.internal.base.ValueKind;
import io.lsmdb.internal.iterator.InternalIterator;
import io.lsmdb.internal.key.InternalKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Versions that are replaced, beside readers whose beginning and end the test decides: none may
 * miss a version, or see its bytes change while it may look at them.
 */
class VersionRecyclerTest {
  private static final byte[] KEY = KeyShape.text("counter");

  private final Readers readers = new Readers();
  private final MemTable table = new MemTable(new ChunkPool(0), true, readers);
  private long sequence;

  @Test
  void aCounterThatNobodyReadsTakesNoMoreMemory() {
    replace(KEY, 1000);
    long before = table.memoryUsage();
    replace(KEY, 100_000);
    assertEquals(before, table.memoryUsage());
    assertTrue(versions() < 600, "versions " + versions());
  }

  @Test
  void recordsOfOtherSizesAreUsedAgainForTheirOwnSize() {
    for (int i = 0; i < 20_000; i++) {
      change(KEY, 8 + i % 57);
    }
    long before = table.memoryUsage();
    for (int i = 0; i < 100_000; i++) {
      change(KEY, 8 + i % 57);
    }
    assertEquals(before, table.memoryUsage());
  }

  @Test
  void largeRecordsStay() {
    for (int i = 0; i < 1000; i++) {
      change(KEY, 2000);
    }
    assertEquals(1000, versions());
  }

  @Test
  void nothingIsTakenFromPinnedReaders() {
    readers.pins = 1;
    replace(KEY, 5000);
    assertEquals(5000, versions());
    LookupResult out = new LookupResult();
    for (int n = 1; n <= 5000; n++) {
      assertTrue(table.get(KEY, 0, KEY.length, InternalKey.searchTrailer(n), out));
      check(KEY, n, out);
    }
    readers.pins = 0;
    long before = table.memoryUsage();
    replace(KEY, 5000);
    assertEquals(before, table.memoryUsage());
  }

  @Test
  void whatIsNotVisibleYetReplacesNothing() {
    replace(KEY, 10);
    long visible = sequence;
    readers.frozen = true;
    replace(KEY, 2000);
    LookupResult out = new LookupResult();
    assertTrue(table.get(KEY, 0, KEY.length, InternalKey.searchTrailer(visible), out));
    check(KEY, visible, out);
  }

  @Test
  void aLookupKeepsWhatItBeganWith() {
    replace(KEY, 100);
    Reader old = readers.begin();
    replace(KEY, 5000);
    old.look(table, KEY);
    replace(KEY, 5000);
    old.checkHeld();
    readers.end(old);
    replace(KEY, 1000);
    long before = table.memoryUsage();
    replace(KEY, 5000);
    assertEquals(before, table.memoryUsage());
  }

  @Test
  void aWriterThatDoesNotReplaceLeavesEveryVersion() {
    for (int i = 0; i < 1000; i++) {
      sequence++;
      byte[] value = value(KEY, sequence, 8);
      long trailer = InternalKey.trailer(sequence, ValueKind.PUT);
      table.add(trailer, KEY, 0, KEY.length, value, 0, value.length);
      readers.visible = sequence;
    }
    assertEquals(1000, versions());
  }

  @Test
  void tombstonesAreNotReplaced() {
    for (int i = 0; i < 1000; i++) {
      change(KEY, i % 2 == 0 ? ValueKind.DELETE : ValueKind.SINGLE_DELETE, 8);
    }
    assertEquals(1000, versions());
  }

  @Test
  void anyOrderOfReadersFindsItsVersions() {
    for (int seed = 0; seed < 60; seed++) {
      try {
        new VersionRecyclerTest().run(new Random(seed));
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("seed " + seed, e);
      }
    }
  }

  private void run(Random random) {
    byte[][] keys = new byte[1 + random.nextInt(12)][];
    for (int i = 0; i < keys.length; i++) {
      keys[i] = KeyShape.text("key" + i);
      change(keys[i], 8);
    }
    List<Reader> open = new ArrayList<>();
    for (int i = 0; i < 8000; i++) {
      byte[] key = keys[random.nextInt(keys.length)];
      int what = random.nextInt(100);
      if (what < 80) {
        change(key, 8 + random.nextInt(3) * random.nextInt(57));
      } else if (what < 82 && open.size() < 3) {
        open.add(random.nextInt(8) == 0 ? readers.pin() : readers.begin());
      } else if (what < 86 && !open.isEmpty()) {
        readers.end(open.remove(random.nextInt(open.size())));
      } else if (!open.isEmpty()) {
        Reader reader = open.get(random.nextInt(open.size()));
        reader.checkHeld();
        if (random.nextBoolean()) {
          reader.look(table, key);
        } else {
          reader.scan(table, keys);
        }
      }
      readers.frozen = random.nextInt(20) == 0; // a group of several operations
    }
  }

  private void replace(byte[] key, int times) {
    for (int i = 0; i < times; i++) {
      change(key, 8);
    }
  }

  private void change(byte[] key, int length) {
    change(key, ValueKind.PUT, length);
  }

  private void change(byte[] key, int kind, int length) {
    sequence++;
    byte[] value = value(key, sequence, length);
    long trailer = InternalKey.trailer(sequence, kind);
    int entry = table.find(key, 0, key.length);
    if (entry == 0) {
      table.add(trailer, key, 0, key.length, value, 0, value.length);
    } else {
      table.addTo(entry, trailer, key.length, value, 0, value.length);
    }
    readers.written(key, sequence);
  }

  private static byte[] value(byte[] key, long sequence, int length) {
    byte[] value = new byte[length];
    Arrays.fill(value, (byte) sequence);
    Bytes.putLong(value, 0, Hash.mix(Hash.of(key, 0, key.length), sequence));
    return value;
  }

  private static void check(byte[] key, long sequence, LookupResult out) {
    assertEquals(sequence, InternalKey.sequence(out.trailer));
    byte[] found =
        Arrays.copyOfRange(out.valueArray, out.valueOffset, out.valueOffset + out.valueLength);
    assertArrayEquals(value(key, sequence, found.length), found);
  }

  private int versions() {
    int count = 0;
    try (InternalIterator it = table.iterator()) {
      for (it.seekToFirst(); it.isValid(); it.next()) {
        count++;
      }
    }
    return count;
  }

  /** What a reader holds: the sequence that it reads at, and the newest versions as of that. */
  private static final class Reader {
    private final long at;
    private final int epoch;
    private final boolean pins;
    private final List<Written> newest;
    private byte[] heldKey;
    private long heldSequence;
    private LookupResult held;

    Reader(long at, int epoch, boolean pins, List<Written> newest) {
      this.at = at;
      this.epoch = epoch;
      this.pins = pins;
      this.newest = newest;
    }

    /** Looks a key up, and holds what it finds. */
    void look(MemTable table, byte[] key) {
      LookupResult out = new LookupResult();
      long expected = newestOf(key);
      boolean found = table.get(key, 0, key.length, InternalKey.searchTrailer(at), out);
      assertEquals(expected > 0, found);
      if (found) {
        heldKey = key;
        heldSequence = expected;
        held = out;
        checkHeld();
      }
    }

    /** What was found is as it was, as long as the reader has not ended. */
    void checkHeld() {
      if (held != null) {
        check(heldKey, heldSequence, held);
      }
    }

    void scan(MemTable table, byte[][] keys) {
      int found = 0;
      byte[] last = null;
      try (InternalIterator it = table.iterator()) {
        for (it.seekToFirst(); it.isValid(); it.next()) {
          byte[] key =
              Arrays.copyOfRange(it.keyArray(), it.keyOffset(), it.keyOffset() + it.keyLength());
          if (InternalKey.sequence(it.trailer()) > at || Arrays.equals(key, last)) {
            continue;
          }
          last = key;
          found++;
          assertEquals(newestOf(key), InternalKey.sequence(it.trailer()));
        }
      }
      long expected = Arrays.stream(keys).filter(key -> newestOf(key) > 0).count();
      assertEquals(expected, found);
    }

    private long newestOf(byte[] key) {
      for (Written each : newest) {
        if (Arrays.equals(each.key, key)) {
          return each.sequence;
        }
      }
      return 0;
    }
  }

  private record Written(byte[] key, long sequence) {}

  /** Readers in epochs, and pins, as the engine has them. */
  private static final class Readers implements MemTablePins {
    private final List<Reader> open = new ArrayList<>();
    private final List<Written> pending = new ArrayList<>();
    private List<Written> newest = new ArrayList<>();
    private long visible;
    private int epoch;
    private int pins;

    /** Whether what is written is not to be seen yet. */
    private boolean frozen;

    void written(byte[] key, long sequence) {
      pending.add(new Written(key, sequence));
      if (!frozen) {
        newest = new ArrayList<>(newest);
        for (Written each : pending) {
          newest.removeIf(old -> Arrays.equals(old.key, each.key));
          newest.add(each);
        }
        pending.clear();
        visible = sequence;
      }
    }

    Reader begin() {
      return open(false);
    }

    Reader pin() {
      pins++;
      return open(true);
    }

    private Reader open(boolean pinning) {
      Reader reader = new Reader(visible, epoch, pinning, newest);
      open.add(reader);
      return reader;
    }

    void end(Reader reader) {
      reader.checkHeld();
      assertTrue(open.remove(reader));
      pins -= reader.pins ? 1 : 0;
    }

    @Override
    public long visibleSequence() {
      return visible;
    }

    @Override
    public boolean arePinned() {
      return pins > 0;
    }

    @Override
    public int epoch() {
      return epoch++; // who begins from now on is of a later one
    }

    @Override
    public boolean hasPassed(int past) {
      return open.stream().noneMatch(reader -> !reader.pins && reader.epoch <= past);
    }
  }

  @Test
  void readersThatAreNotKnownKeepEverything() {
    assertTrue(MemTablePins.UNKNOWN.arePinned());
    assertFalse(MemTablePins.UNKNOWN.hasPassed(MemTablePins.UNKNOWN.epoch()));
  }
}
