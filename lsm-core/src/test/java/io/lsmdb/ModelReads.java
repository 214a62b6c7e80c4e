package io.lsmdb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.ModelWorld.Pinned;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The operations of a {@link ModelRun} that read.
 *
 * <p>Not thread-safe. Draws everything from the seed of its world.
 */
final class ModelReads {
  private static final int MAX_CURSORS = 5;

  private record OpenCursor(ModelCursor cursor, ColumnFamily family, Pinned snapshot) {}

  private final ModelWorld world;
  private final Random random;
  private final List<OpenCursor> cursors = new ArrayList<>();

  ModelReads(ModelWorld world) {
    this.world = world;
    this.random = world.random;
  }

  // ---- Keys

  void get() {
    ColumnFamily family = world.anyFamily();
    Pinned pinned = world.anyView();
    byte[] key = world.anyKey();
    byte[] actual = get(world.viewOf(pinned, family), key);
    world.compare(pinned, family, key, actual, "get");
    world.count(actual == null ? "get of an absent key" : "get");
  }

  private byte[] get(ReadView view, byte[] key) {
    switch (random.nextInt(6)) {
      case 0 -> {
        return view.get(
            key,
            value -> {
              byte[] copy = new byte[value.remaining()];
              value.get(copy);
              return copy;
            });
      }
      case 1 -> {
        byte[] into = new byte[ModelWorld.LONGEST];
        int length = view.get(key, into);
        return length < 0 ? null : Arrays.copyOf(into, length);
      }
      case 2 -> {
        ByteBuffer into = ByteBuffer.allocate(ModelWorld.LONGEST);
        int length = view.get(ByteBuffer.wrap(key), into);
        assertEquals(Math.max(length, 0), into.position());
        return length < 0 ? null : Arrays.copyOf(into.array(), length);
      }
      default -> {
        return view.get(key);
      }
    }
  }

  void multiGet() {
    ColumnFamily family = world.anyFamily();
    Pinned pinned = world.anyView();
    List<byte[]> keys = new ArrayList<>();
    for (int left = random.nextInt(20); left > 0; left--) {
      keys.add(world.anyKey());
    }
    List<byte[]> values = world.viewOf(pinned, family).multiGet(keys);
    assertEquals(keys.size(), values.size());
    for (int i = 0; i < values.size(); i++) {
      world.compare(pinned, family, keys.get(i), values.get(i), "multiGet");
    }
    world.count("multiGet");
  }

  /** Asks whether a key is there; what a filter will drop may still be. */
  void containsKey() {
    ColumnFamily family = world.anyFamily();
    Pinned pinned = world.anyView();
    ReadView view = world.viewOf(pinned, family);
    byte[] key = world.anyKey();
    boolean mayContain = view.mayContain(key);
    boolean contains = view.containsKey(key);
    if (contains) {
      assertTrue(mayContain, "mayContain of a key that is there");
      assertNotNull(world.entries(pinned, family).get(key), "containsKey of an absent key");
    } else {
      world.compare(pinned, family, key, null, "containsKey");
    }
    world.count(mayContain ? contains ? "containsKey" : "mayContain in vain" : "mayContain");
  }

  // ---- Ranges

  void stream() {
    ColumnFamily family = world.anyFamily();
    Pinned pinned = world.anyView();
    ReadOptions bounds = world.anyBounds();
    NavigableMap<byte[], byte[]> shown = new TreeMap<>(Arrays::compareUnsigned);
    try (Stream<Entry> entries = world.viewOf(pinned, family).stream(bounds)) {
      entries.forEach(
          entry -> {
            assertTrue(
                shown.isEmpty() || Arrays.compareUnsigned(shown.lastKey(), entry.key()) < 0,
                "the order of a stream");
            shown.put(entry.key(), entry.value());
          });
    }
    NavigableMap<byte[], byte[]> expected =
        ModelWorld.range(world.entries(pinned, family), bounds.lowerBound(), bounds.upperBound());
    for (byte[] key : List.copyOf(expected.keySet())) {
      world.compare(pinned, family, key, shown.remove(key), "stream");
    }
    assertEquals(0, shown.size(), "keys that are absent or out of bounds");
    world.count("stream");
  }

  void approximateSize() {
    ColumnFamily family = world.anyFamily();
    byte[] from = world.anyKey();
    byte[] to = world.anyKey();
    boolean swap = Arrays.compareUnsigned(from, to) > 0;
    assertTrue(family.approximateSize(swap ? to : from, swap ? from : to) >= 0);
    assertEquals(0, family.approximateSize(from, from));
    assertTrue(family.approximateSize(null, to) >= 0);
    assertTrue(family.approximateSize(from, null) >= 0);
    world.count("approximateSize");
  }

  void entryCount() {
    ColumnFamily family = world.anyFamily();
    if (family.options().countEntries()) {
      assertEquals(world.model.entries(family.name()).size(), family.entryCount());
      world.count("entryCount");
    } else {
      assertThrows(IllegalStateException.class, () -> family.entryCount());
    }
  }

  // ---- Cursors

  void openCursor() {
    if (cursors.size() == MAX_CURSORS) {
      cursors.remove(random.nextInt(cursors.size())).cursor().close();
    }
    ColumnFamily family = world.anyFamily();
    Pinned pinned = world.anyView();
    cursors.add(
        new OpenCursor(
            new ModelCursor(
                world.viewOf(pinned, family), world.anyBounds(), world.entries(pinned, family)),
            family,
            pinned));
    world.count("iterate");
  }

  void moveCursor() {
    if (!cursors.isEmpty()) {
      ModelCursor cursor = cursors.get(random.nextInt(cursors.size())).cursor();
      for (int left = random.nextInt(8); left >= 0; left--) {
        cursor.step(random, world.anyKey());
        world.count("move");
      }
    }
  }

  void refreshCursor() {
    if (cursors.isEmpty()) {
      return;
    }
    OpenCursor open = cursors.get(random.nextInt(cursors.size()));
    boolean isGone =
        world.families.get(open.family().name()) != open.family()
            || (open.snapshot() != null && !world.snapshots.contains(open.snapshot()));
    if (isGone) {
      open.cursor().refreshInVain();
    } else {
      open.cursor().refresh(world.entries(open.snapshot(), open.family()));
      world.count("refresh");
    }
  }

  void closeCursors() {
    cursors.forEach(open -> open.cursor().close());
    cursors.clear();
  }
}
