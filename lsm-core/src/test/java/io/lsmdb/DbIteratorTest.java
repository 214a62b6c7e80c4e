package io.lsmdb;

import static io.lsmdb.TestStores.bytes;
import static io.lsmdb.TestStores.key;
import static io.lsmdb.TestStores.text;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.testing.MemFileSystem;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Iterators, as their contract says. */
class DbIteratorTest {
  private Db db;

  @BeforeEach
  void open() {
    db = TestStores.open(new MemFileSystem());
  }

  @AfterEach
  void close() {
    db.close();
  }

  private void put(String... keys) {
    for (String key : keys) {
      db.put(bytes(key), bytes(key));
    }
  }

  private List<String> keys(ReadOptions options) {
    try (Stream<Entry> entries = db.iterate(options).stream()) {
      return entries.map(entry -> text(entry.key())).toList();
    }
  }

  /** The keys from the last to the first, for comparison with the other way. */
  private List<String> keysBackward(ReadOptions options) {
    try (DbIterator cursor = db.iterate(options)) {
      List<String> found = new ArrayList<>();
      for (cursor.seekToLast(); cursor.isValid(); cursor.prev()) {
        found.add(text(cursor.key()));
      }
      Collections.reverse(found);
      return found;
    }
  }

  private void assertShows(ReadOptions options, String... expected) {
    assertEquals(List.of(expected), keys(options));
    assertEquals(List.of(expected), keysBackward(options));
  }

  private static void assertOnNoEntry(DbIterator cursor) {
    assertFalse(cursor.isValid());
    assertThrows(IllegalStateException.class, cursor::next);
    assertThrows(IllegalStateException.class, cursor::prev);
    assertThrows(IllegalStateException.class, cursor::key);
    assertThrows(IllegalStateException.class, cursor::value);
    assertThrows(IllegalStateException.class, () -> cursor.key(new byte[1]));
    assertThrows(IllegalStateException.class, () -> cursor.value(new byte[1]));
    assertThrows(IllegalStateException.class, cursor::keyBuffer);
    assertThrows(IllegalStateException.class, cursor::valueBuffer);
    assertFalse(cursor.isValid());
  }

  @Test
  void aCursorStandsOnNoEntryBeforeTheFirstSeekAndBeyondTheEnds() {
    put("a", "b");
    try (DbIterator cursor = db.iterate()) {
      assertOnNoEntry(cursor);
      cursor.seekToFirst();
      cursor.prev();
      assertOnNoEntry(cursor);
      cursor.seekToLast();
      cursor.next();
      assertOnNoEntry(cursor);
      cursor.seek(bytes("c"));
      assertOnNoEntry(cursor);
      cursor.seekForPrev(bytes("A"));
      assertOnNoEntry(cursor);
      cursor.seek(bytes("aa"));
      assertEquals("b", text(cursor.key()));
      cursor.refresh();
      assertOnNoEntry(cursor);
    }
  }

  @Test
  void anEmptyFamilyHasNoEntries() {
    try (DbIterator cursor = db.iterate()) {
      cursor.seekToFirst();
      assertOnNoEntry(cursor);
      cursor.seekToLast();
      assertOnNoEntry(cursor);
      assertEquals(0, cursor.stream().count());
    }
  }

  @Test
  void boundsAreInclusiveBelowAndExclusiveAbove() {
    put("a", "b", "c", "d");
    for (int round = 0; round < 2; round++) {
      assertShows(ReadOptions.DEFAULT, "a", "b", "c", "d");
      assertShows(ReadOptions.range(bytes("b"), bytes("d")), "b", "c");
      assertShows(ReadOptions.range(null, bytes("c")), "a", "b");
      assertShows(ReadOptions.range(bytes("bb"), null), "c", "d");
      assertShows(ReadOptions.range(bytes("b"), bytes("b")));
      assertShows(ReadOptions.range(bytes("x"), null));
      assertShows(ReadOptions.range(null, bytes("A")));
      db.flush();
    }
  }

  @Test
  void anUpperBoundMayBeInclusive() {
    put("a", "b", "b\0", "c");
    byte[] b = bytes("b");
    for (int round = 0; round < 2; round++) {
      assertShows(ReadOptions.builder().upperBound(b, true).build(), "a", "b");
      assertShows(ReadOptions.builder().upperBound(b, false).build(), "a");
      assertShows(ReadOptions.builder().lowerBound(b).upperBound(b, true).build(), "b");
      assertShows(
          ReadOptions.builder().upperBound(b).upperBound(null, true).prefix(b).build(), "b", "b\0");
      db.flush();
    }
  }

  @Test
  void seeksTakeBuffers() {
    put("a", "c");
    ByteBuffer heap = ByteBuffer.wrap(bytes("xbx"), 1, 1);
    ByteBuffer direct = ByteBuffer.allocateDirect(1).put(0, (byte) 'b');
    try (DbIterator cursor = db.iterate()) {
      for (ByteBuffer target : List.of(heap, direct, heap.slice().asReadOnlyBuffer())) {
        int position = target.position();
        cursor.seekToFirst();
        cursor.seek(target);
        assertArrayEquals(bytes("c"), cursor.key());
        assertEquals(position, target.position());
      }
    }
  }

  @Test
  void seeksStayWithinTheBounds() {
    put("a", "b", "c", "d");
    try (DbIterator cursor = db.iterate(ReadOptions.range(bytes("b"), bytes("d")))) {
      cursor.seek(bytes("a"));
      assertEquals("b", text(cursor.key()));
      cursor.seek(bytes("d"));
      assertOnNoEntry(cursor);
      cursor.seekForPrev(bytes("z"));
      assertEquals("c", text(cursor.key()));
      cursor.seekForPrev(bytes("d"));
      assertEquals("c", text(cursor.key()));
      cursor.seekForPrev(bytes("a"));
      assertOnNoEntry(cursor);
      cursor.seekForPrev(bytes("bb"));
      assertEquals("b", text(cursor.key()));
      cursor.prev();
      assertOnNoEntry(cursor);
    }
  }

  @Test
  void aPrefixShowsExactlyItsKeys() {
    put("", "p", "p1", "p2", "q", "o");
    assertShows(ReadOptions.prefix(bytes("p")), "p", "p1", "p2");
    assertShows(ReadOptions.prefix(bytes("")), "", "o", "p", "p1", "p2", "q");
    assertShows(ReadOptions.prefix(bytes("x")));
    ReadOptions.Builder narrowed = ReadOptions.builder().prefix(bytes("p"));
    assertShows(narrowed.lowerBound(bytes("p1")).build(), "p1", "p2");
    assertShows(narrowed.upperBound(bytes("p2")).build(), "p1");
    assertShows(ReadOptions.builder().prefix(bytes("p")).lowerBound(bytes("q")).build());
    assertShows(ReadOptions.builder().prefix(bytes("p")).upperBound(bytes("o")).build());
    assertShows(
        ReadOptions.builder()
            .prefix(bytes("p"))
            .lowerBound(bytes("a"))
            .upperBound(bytes("z"))
            .build(),
        "p",
        "p1",
        "p2");
  }

  @Test
  void aPrefixOfLargestBytesHasNoUpperBound() {
    byte[][] keys = {{-1}, {-1, -1}, {-1, -1, 0}, {-1, -1, -1}, {-1, -2}, {-2, -1}};
    for (byte[] key : keys) {
      db.put(key, key);
    }
    assertNull(ReadOptions.prefix(new byte[] {-1, -1}).upperBound());
    assertArrayEquals(new byte[] {-1}, ReadOptions.prefix(new byte[] {-2, -1}).upperBound());
    try (DbIterator all = db.iterate(ReadOptions.prefix(new byte[] {-1, -1}))) {
      assertEquals(3, all.stream().count());
    }
    try (DbIterator one = db.iterate(ReadOptions.prefix(new byte[] {-2, -1}))) {
      assertEquals(1, one.stream().count());
    }
  }

  @Test
  void boundsInTheWrongOrderAreRefused() {
    ReadOptions.Builder wrong = ReadOptions.builder().lowerBound(bytes("b")).upperBound(bytes("a"));
    InvalidOptionsException refused = assertThrows(InvalidOptionsException.class, wrong::build);
    assertTrue(refused.getMessage().contains("lowerBound"), refused.getMessage());
  }

  @Test
  void boundsAreCopied() {
    put("a", "b");
    byte[] lower = bytes("b");
    ReadOptions options = ReadOptions.builder().lowerBound(lower).build();
    lower[0] = 'a';
    assertShows(options, "b");
  }

  @Test
  void theDirectionMayChangeAnywhere() {
    TreeMap<byte[], byte[]> entries = new TreeMap<>(Arrays::compareUnsigned);
    for (int i = 0; i < 300; i++) {
      db.put(key(i % 150), key(i)); // two versions of each, in tables and memtable
      entries.put(key(i % 150), key(i));
      if (i % 3 == 0) {
        db.delete(key(i % 150));
        entries.remove(key(i % 150));
      }
      if (i % 70 == 0) {
        db.flush();
      }
    }
    try (ModelCursor cursor = new ModelCursor(db, ReadOptions.DEFAULT, entries)) {
      for (byte[] start : List.copyOf(entries.keySet())) {
        for (int moves = 0; moves < 16; moves++) { // all patterns of four moves
          cursor.seek(start);
          for (int bit = 0; bit < 4 && cursor.isValid(); bit++) {
            if ((moves >> bit & 1) == 0) {
              cursor.next();
            } else {
              cursor.prev();
            }
          }
        }
      }
    }
  }

  @Test
  void aCursorShowsTheMomentOfItsOpening() {
    put("a", "b", "c");
    try (DbIterator cursor = db.iterate()) {
      put("aa", "d");
      db.put(bytes("b"), bytes("new"));
      db.delete(bytes("c"));
      db.compact();
      assertEquals(
          List.of("a", "b", "c"), cursor.stream().map(entry -> text(entry.value())).toList());
      cursor.refresh();
      cursor.seekToFirst();
      assertEquals(
          List.of("a", "aa", "new", "d"),
          cursor.stream().map(entry -> text(entry.value())).toList());
    }
  }

  @Test
  void theNewestVisibleOfManyVersionsIsShownBackward() {
    List<Snapshot> snapshots = new ArrayList<>();
    for (int version = 0; version < 60; version++) {
      snapshots.add(db.snapshot());
      db.put(bytes("a"), bytes("a" + version));
      if (version % 3 == 2) {
        db.delete(bytes("b"));
      } else {
        db.put(bytes("b"), bytes("b" + version));
      }
      db.put(bytes("c"), bytes("c" + version));
      if (version == 40) {
        db.flush();
      }
    }
    for (int s = 0; s < snapshots.size(); s++) {
      List<String> expected = new ArrayList<>();
      if (s > 0) {
        expected.add("c" + (s - 1));
        if ((s - 1) % 3 != 2) {
          expected.add("b" + (s - 1));
        }
        expected.add("a" + (s - 1));
      }
      List<String> found = new ArrayList<>();
      try (DbIterator cursor = snapshots.get(s).iterate()) {
        for (cursor.seekToLast(); cursor.isValid(); cursor.prev()) {
          found.add(text(cursor.value()));
        }
      }
      assertEquals(expected, found);
      snapshots.get(s).close();
    }
  }

  @Test
  void mostOfManyVersionsArePassedWithoutStepsBackward() {
    put("a");
    for (int i = 0; i < 500; i++) {
      put("b");
      db.delete(bytes("b"));
    }
    long before = db.stats().entriesSteppedOver();
    assertEquals(List.of("a"), keysBackward(ReadOptions.DEFAULT));
    assertTrue(db.stats().entriesSteppedOver() - before < 40);
  }

  @Test
  void buffersAreReadOnlyViews() {
    put("key");
    for (int round = 0; round < 2; round++) {
      try (DbIterator cursor = db.iterate()) {
        for (boolean forward : new boolean[] {true, false}) {
          if (forward) {
            cursor.seekToFirst();
          } else {
            cursor.seekToLast();
          }
          for (ByteBuffer buffer : List.of(cursor.keyBuffer(), cursor.valueBuffer())) {
            assertTrue(buffer.isReadOnly());
            assertEquals(0, buffer.position());
            assertEquals(ByteBuffer.wrap(bytes("key")), buffer);
          }
        }
      }
      db.flush();
    }
  }

  @Test
  void keyAndValueAreCopiedIntoArraysAsFarAsTheyFit() {
    put("key");
    try (DbIterator cursor = db.iterate()) {
      for (boolean forward : new boolean[] {true, false}) {
        if (forward) {
          cursor.seekToFirst();
        } else {
          cursor.seekToLast();
        }
        for (String room : List.of("", "..", "...", ".....")) {
          byte[] key = bytes(room);
          byte[] value = bytes(room);
          assertEquals(3, cursor.key(key));
          assertEquals(3, cursor.value(value));
          int fits = Math.min(3, room.length());
          assertEquals("key".substring(0, fits) + room.substring(fits), text(key));
          assertEquals(text(key), text(value));
        }
      }
    }
  }

  @Test
  void neighboursOfAnyLengthAreToldApart() {
    // Keys that agree in their first or last eight bytes, or in all but the middle.
    List<String> keys = new ArrayList<>();
    for (int length : new int[] {0, 1, 7, 8, 9, 15, 16, 17, 24, 40}) {
      for (String middle : List.of("x", "y")) {
        for (int at = 0; at < length; at += Math.max(1, length / 4)) {
          String key = "-".repeat(at) + middle + "-".repeat(length - at - 1);
          keys.add(key);
        }
      }
    }
    keys.add("");
    List<String> expected = keys.stream().distinct().sorted().toList();
    for (int round = 0; round < 2; round++) {
      for (String key : expected) {
        put(key); // several versions of each
        put(key);
      }
      assertShows(ReadOptions.DEFAULT, expected.toArray(String[]::new));
      db.flush();
    }
  }

  @Test
  void aStreamStartsAtTheCursorAndClosesIt() {
    put("a", "b", "c");
    DbIterator cursor = db.iterate();
    cursor.seek(bytes("b"));
    try (Stream<Entry> entries = cursor.stream()) {
      assertEquals(List.of("b", "c"), entries.map(entry -> text(entry.key())).toList());
    }
    assertThrows(DbClosedException.class, cursor::isValid);
  }

  @Test
  void aStreamMayEndEarly() {
    put("a", "b", "c");
    try (Stream<Entry> entries = db.iterate().stream()) {
      assertEquals(List.of("a"), entries.limit(1).map(entry -> text(entry.key())).toList());
    }
  }

  @Test
  void aCursorOutlivesItsFamilyAndItsSnapshot() {
    ColumnFamily family = db.createColumnFamily("family");
    for (int i = 0; i < 500; i++) {
      family.put(key(i), TestStores.value(i, 200));
    }
    db.flush();
    try (DbIterator cursor = family.iterate()) {
      Snapshot snapshot = db.snapshot();
      DbIterator frozen = snapshot.of(family).iterate();
      snapshot.close();
      db.dropColumnFamily(family);
      db.compact();
      assertEquals(500, cursor.stream().count());
      assertEquals(500, frozen.stream().count());
      assertThrows(DbClosedException.class, cursor::refresh);
      assertThrows(DbClosedException.class, frozen::refresh);
      frozen.close();
    }
  }
}
