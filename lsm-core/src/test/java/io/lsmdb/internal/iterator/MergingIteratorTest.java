package io.lsmdb.internal.iterator;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.internal.iterator.EntryListIterator.Item;
import io.lsmdb.internal.key.InternalKey;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MergingIteratorTest {
  private static final int MODELS = 400;
  private static final int STEPS = 300;

  @Test
  void behavesLikeOneSortedListWhateverTheMoves() {
    for (long seed = 1; seed <= MODELS; seed++) {
      Random random = new Random(seed);
      Model model = new Model(random);
      try (InternalIterator merged = MergingIterator.of(model.cursors)) {
        int at = -1;
        for (int step = 0; step < STEPS; step++) {
          at = model.move(merged, at, random);
          model.check(merged, at, "seed " + seed + ", step " + step);
        }
      }
    }
  }

  @Test
  void r36_directionSwitchesAtEveryPosition() {
    Random random = new Random(36);
    for (int round = 0; round < 30; round++) {
      Model model = new Model(random);
      try (InternalIterator merged = MergingIterator.of(model.cursors)) {
        for (int start = 0; start < model.all.size(); start++) {
          merged.seekToFirst();
          for (int i = 0; i < start; i++) {
            merged.next();
          }
          model.check(merged, start, "forward to " + start);
          merged.prev();
          model.check(merged, start - 1, "turned back at " + start);
          if (start > 0) {
            merged.next();
            model.check(merged, start, "turned forward at " + start);
          }
        }
      }
    }
  }

  @Test
  void seeksWithEveryTrailer() {
    Random random = new Random(7);
    Model model = new Model(random);
    try (InternalIterator merged = MergingIterator.of(model.cursors)) {
      for (Item item : model.all) {
        long[] trailers = {
          item.trailer(), item.trailer() + 1, item.trailer() - 1, 0, -1L, 1L << 63
        };
        for (long trailer : trailers) {
          int bound = model.lowerBound(item.key(), trailer);
          merged.seek(item.key(), 0, item.key().length, trailer);
          model.check(merged, bound, "seek");
          merged.seekBefore(item.key(), 0, item.key().length, trailer);
          model.check(merged, bound - 1, "seekBefore");
        }
      }
    }
  }

  @Test
  void equalEntriesComeOnceFromEachChildInTheirOrder() {
    List<EntryListIterator> children = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      children.add(new EntryListIterator(List.of(item("k", 5, "child " + i))));
    }
    try (InternalIterator merged = MergingIterator.of(children)) {
      merged.seekToFirst();
      for (int i = 0; i < 4; i++) {
        assertEquals("child " + i, value(merged));
        merged.next();
      }
      assertFalse(merged.isValid());
      merged.seekToLast();
      for (int i = 3; i >= 0; i--) {
        assertEquals("child " + i, value(merged));
        merged.prev();
      }
      assertFalse(merged.isValid());
    }
  }

  @Test
  void oneChildIsPassedThrough() {
    EntryListIterator only = new EntryListIterator(List.of());
    assertSame(only, MergingIterator.of(List.of(only)));
  }

  @Test
  void noChildIsEmpty() {
    try (InternalIterator merged = MergingIterator.of(List.of())) {
      merged.seekToFirst();
      assertFalse(merged.isValid());
      merged.seekToLast();
      assertFalse(merged.isValid());
    }
  }

  @Test
  void r34_failureOfAChildIsThrownAndNeverSkipped() {
    for (long seed = 1; seed <= MODELS; seed++) {
      Random random = new Random(seed);
      Model model = new Model(random);
      try (InternalIterator merged = MergingIterator.of(model.cursors)) {
        int at = -1;
        for (int step = 0; step < 60; step++) {
          EntryListIterator bad = model.cursors.get(random.nextInt(model.cursors.size()));
          bad.movesUntilFailure = random.nextInt(4);
          try {
            at = model.move(merged, at, random);
          } catch (IllegalStateException e) {
            assertEquals("read fails", e.getMessage());
            assertFalse(merged.isValid(), "seed " + seed);
            at = -1;
          }
          bad.movesUntilFailure = Integer.MAX_VALUE;
          model.check(merged, at, "seed " + seed + ", step " + step);
        }
      }
    }
  }

  @Test
  void closesEveryChildAlsoWhenOneFails() {
    EntryListIterator first = new EntryListIterator(List.of());
    EntryListIterator second = new EntryListIterator(List.of());
    EntryListIterator third = new EntryListIterator(List.of());
    first.failsToClose = true;
    third.failsToClose = true;
    InternalIterator merged = MergingIterator.of(List.of(first, second, third));
    RuntimeException e = assertThrows(IllegalStateException.class, merged::close);
    assertEquals(1, e.getSuppressed().length);
    assertEquals(3, first.closed + second.closed + third.closed);
  }

  private static Item item(String key, long sequence, String value) {
    return new Item(
        key.getBytes(StandardCharsets.UTF_8),
        InternalKey.trailer(sequence, 1),
        value.getBytes(StandardCharsets.UTF_8));
  }

  private static String value(InternalIterator it) {
    return new String(it.valueArray(), it.valueOffset(), it.valueLength(), StandardCharsets.UTF_8);
  }

  /** Random children together with the list that their merge must equal. */
  private static final class Model {
    final List<Item> all = new ArrayList<>();
    final List<EntryListIterator> cursors = new ArrayList<>();

    Model(Random random) {
      int children = 2 + random.nextInt(9);
      byte[] shared = new byte[random.nextInt(3) * 5];
      Arrays.fill(shared, (byte) 0x7F);
      for (int c = 0; c < children; c++) {
        List<Item> items = new ArrayList<>();
        int entries = random.nextInt(4) == 0 ? 0 : random.nextInt(12);
        for (int i = 0; i < entries; i++) {
          byte[] key = new byte[shared.length + random.nextInt(4)];
          for (int b = shared.length; b < key.length; b++) {
            key[b] = (byte) (random.nextInt(3) * 0x7F);
          }
          if (shared.length > 0 && random.nextInt(10) == 0) { // not all begin alike
            key[random.nextInt(shared.length)] = (byte) random.nextInt(256);
            key = Arrays.copyOf(key, random.nextInt(key.length + 1));
          }
          long trailer = InternalKey.trailer(1 + random.nextInt(6), 1 + random.nextInt(2));
          items.add(new Item(key, trailer, new byte[] {(byte) c, (byte) i}));
        }
        items.sort(null);
        for (int i = items.size() - 1; i > 0; i--) {
          if (items.get(i).compareTo(items.get(i - 1)) == 0) {
            items.remove(i);
          }
        }
        cursors.add(new EntryListIterator(items));
        all.addAll(items);
      }
      all.sort(null); // stable: equal entries stay in the order of the children
    }

    int lowerBound(byte[] key, long trailer) {
      Item wanted = new Item(key, trailer, new byte[0]);
      int i = 0;
      while (i < all.size() && all.get(i).compareTo(wanted) < 0) {
        i++;
      }
      return i;
    }

    int move(InternalIterator merged, int at, Random random) {
      int choice = random.nextInt(20);
      boolean valid = at >= 0 && at < all.size();
      if (valid && choice < 8) {
        if (choice < 2) {
          merged.skip(random.nextLong()); // passes no more than its children do, which step
        } else {
          merged.next();
        }
        return at + 1;
      }
      if (valid && choice < 16) {
        if (choice < 10) {
          merged.skipBack(random.nextLong());
        } else {
          merged.prev();
        }
        return at - 1;
      }
      if (choice < 2 || all.isEmpty()) {
        merged.seekToFirst();
        return 0;
      }
      if (choice < 4) {
        merged.seekToLast();
        return all.size() - 1;
      }
      Item near = all.get(random.nextInt(all.size()));
      long trailer = near.trailer() + random.nextInt(3) - 1;
      if (choice % 2 == 0) {
        merged.seek(near.key(), 0, near.key().length, trailer);
        return lowerBound(near.key(), trailer);
      }
      merged.seekBefore(near.key(), 0, near.key().length, trailer);
      return lowerBound(near.key(), trailer) - 1;
    }

    void check(InternalIterator merged, int at, String where) {
      boolean valid = at >= 0 && at < all.size();
      assertEquals(valid, merged.isValid(), where);
      if (valid) {
        Item wanted = all.get(at);
        assertTrue(
            InternalKey.compare(
                    merged.keyArray(),
                    merged.keyOffset(),
                    merged.keyLength(),
                    merged.trailer(),
                    wanted.key(),
                    0,
                    wanted.key().length,
                    wanted.trailer())
                == 0,
            where);
        assertArrayEquals(wanted.value(), merged.valueArray(), where);
      }
    }
  }
}
