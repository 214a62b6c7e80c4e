package io.lsmdb.internal.version;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.CorruptionException;
import io.lsmdb.internal.key.InternalKey;
import io.lsmdb.internal.range.RangeTombstones;
import io.lsmdb.internal.version.Stores.Edit;
import io.lsmdb.testing.Seed;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class EditCodecTest {
  private static VersionEdit randomEdit(SplittableRandom random) {
    Edit edit = Edit.edit().last(random.nextLong(1L << 56));
    for (int i = random.nextInt(4); i > 0; i--) {
      edit.create(random.nextInt(1000), "family " + i, i == 2 ? "add" : "", random.nextInt(9));
    }
    for (int i = random.nextInt(5); i > 0; i--) {
      edit.remove(random.nextInt(9), random.nextInt(7), 1 + random.nextLong(1L << 60));
    }
    for (int i = random.nextInt(5); i > 0; i--) {
      long number = 1 + random.nextLong(1L << 60);
      String from = "a".repeat(random.nextInt(300));
      FileMetadata file =
          Stores.file(number, random.nextLong(), from, from + "z", 5, 5 + random.nextInt(1 << 20));
      edit.add(random.nextInt(9), random.nextInt(7), file);
    }
    for (int i = random.nextInt(3); i > 0; i--) {
      edit.flushed(i, random.nextLong(1L << 56)).drop(i + 20);
    }
    return edit.build(1 + random.nextLong(1L << 60));
  }

  @Test
  void whatIsWrittenIsReadAgain() {
    Seed.check(
        300,
        seed -> {
          SplittableRandom random = new SplittableRandom(seed);
          VersionEdit edit = randomEdit(random);
          byte[] payload = EditCodec.encode(edit, 77);
          EditCodec.Decoded decoded = EditCodec.decode(payload, "m", 0);
          assertEquals(77, decoded.nextFamilyId());
          assertArrayEquals(payload, EditCodec.encode(decoded.edit(), 77));
          assertEquals(edit.createdFamilies(), decoded.edit().createdFamilies());
          assertEquals(edit.removed(), decoded.edit().removed());
          assertEquals(edit.flushed(), decoded.edit().flushed());
          assertEquals(edit.droppedFamilies(), decoded.edit().droppedFamilies());
          assertEquals(edit.lastSequence(), decoded.edit().lastSequence());
          for (int i = 0; i < edit.added().size(); i++) {
            assertTrue(
                edit.added().get(i).file().describesSame(decoded.edit().added().get(i).file()));
          }
        });
  }

  @Test
  void rangeTombstonesAreReadAgain() {
    RangeTombstones ranges =
        new RangeTombstones.Builder()
            .add(new byte[0], 9, 7, 1)
            .add(new byte[] {3})
            .add(new byte[] {3, 0}, InternalKey.MAX_SEQUENCE, 1)
            .add(longestKey(), 5)
            .build();
    FileMetadata plain = Stores.file(9, "aa", "bb", 1, 2);
    FileMetadata cleared =
        new FileMetadata(
            9,
            plain.session(),
            plain.content(),
            new FileMetadata.Counts(
                2,
                1,
                1,
                2,
                FileMetadata.Expiries.NONE,
                1L << 50,
                new FileMetadata.Retained(2, 1L << 40, 3, 1L << 50, 7)),
            plain.smallest(),
            plain.largest());
    VersionEdit edit = Edit.edit().add(0, 3, cleared).delete(4, ranges).build();
    byte[] payload = EditCodec.encode(edit, 0);
    VersionEdit decoded = EditCodec.decode(payload, "m", 0).edit();
    assertArrayEquals(payload, EditCodec.encode(decoded, 0));
    assertEquals(cleared.counts(), decoded.added().get(0).file().counts());
    RangeTombstones again = decoded.rangeTombstones().get(0).tombstones();
    assertEquals(4, decoded.rangeTombstones().get(0).family());
    assertEquals(ranges.pieces(), again.pieces());
    for (int piece = 0; piece < ranges.pieces(); piece++) {
      assertArrayEquals(ranges.from(piece), again.from(piece));
      assertArrayEquals(ranges.sequences(piece), again.sequences(piece));
    }
  }

  @Test
  void settingsOfFamiliesAreReadAgain() {
    FamilySettings all =
        new FamilySettings("op", 2, 300, true, true, new FamilySettings.FifoLimits(1 << 20, 5));
    VersionEdit edit =
        VersionEdit.builder()
            .createFamily(new VersionEdit.CreatedFamily(1, "f", 0, all))
            .changeFamilies(
                List.of(
                    new VersionEdit.ChangedFamily(1, FamilySettings.NONE),
                    new VersionEdit.ChangedFamily(2, all)))
            .build();
    byte[] payload = EditCodec.encode(edit, 0);
    assertEquals(edit, EditCodec.decode(payload, "m", 0).edit());
    byte[] created = {
      4,
      22,
      1,
      0,
      2,
      1,
      'f',
      2,
      'o',
      'p', // id, comparator, prefix, name, operator
      32,
      2,
      (byte) 0xAC,
      2, // time to live 300
      33,
      0, // counts entries
      34,
      4,
      (byte) 0x80,
      (byte) 0x80,
      0x40,
      5, // FIFO: 2^20 bytes, 5 ms
      96,
      0 // has a compaction filter
    };
    assertArrayEquals(created, Arrays.copyOf(payload, created.length));
  }

  @Test
  void impossibleSettingsOfFamiliesAreRefused() {
    for (int[] extras :
        List.of(
            new int[] {31, 0}, // unknown
            new int[] {32, 1, 0}, // a time to live of 0
            new int[] {32, 1, 5, 32, 1, 5}, // two of them
            new int[] {33, 1, 1}, // more than nothing
            new int[] {33, 0, 33, 0},
            new int[] {34, 2, 0, 5}, // no bytes
            new int[] {34, 1, 5}, // half of the limits
            new int[] {34, 2, 5, 0, 34, 2, 5, 0},
            new int[] {34, 10, 255, 255, 255, 255, 255, 255, 255, 255, 127, 0}, // no limit
            new int[] {96, 0, 96, 0})) {
      byte[] payload = new byte[extras.length + 5];
      payload[0] = 10;
      payload[1] = (byte) (extras.length + 3); // id, prefix length, merge operator
      for (int i = 0; i < extras.length; i++) {
        payload[i + 5] = (byte) extras[i];
      }
      assertThrows(
          CorruptionException.class,
          () -> EditCodec.decode(payload, "m", 0),
          () -> Arrays.toString(extras));
    }
  }

  private static byte[] longestKey() {
    byte[] key = new byte[InternalKey.MAX_KEY_LENGTH];
    key[0] = 9;
    return key;
  }

  @Test
  void impossibleRangeTombstonesAreRefused() {
    for (int[] content :
        List.of(
            new int[] {0}, // no piece
            new int[] {0, 1, 'a', 0}, // nothing deleted
            new int[] {0, 1, 'a', 1, 0}, // sequence 0
            new int[] {0, 1, 'a', 2, 5, 0}, // the same sequence twice
            new int[] {0, 1, 'a', 2, 5, 5}, // down to 0
            new int[] {0, 1, 'a', 2, 5, 6}, // below 0
            new int[] {0, 1, 'a', 2, 5}, // one sequence is missing
            new int[] {0, 1, 'a', 127, 5}, // many are
            new int[] {0, 2, 'a'}, // half a bound
            new int[] {0, 1, 'b', 1, 5, 1, 'a', 1, 6}, // bounds out of order
            new int[] {0, 1, 'b', 1, 5, 1, 'b', 1, 6})) { // the same bound twice
      byte[] payload = new byte[content.length + 2];
      payload[0] = 11;
      payload[1] = (byte) content.length;
      for (int i = 0; i < content.length; i++) {
        payload[i + 2] = (byte) content[i];
      }
      assertThrows(
          CorruptionException.class,
          () -> EditCodec.decode(payload, "m", 0),
          () -> Arrays.toString(content));
    }
  }

  @Test
  void expiriesAndDropClocksAreReadAgain() {
    FileMetadata plain = Stores.file(9, "aa", "bb", 1, 2);
    FileMetadata expiring =
        new FileMetadata(
            9,
            plain.session(),
            plain.content(),
            new FileMetadata.Counts(
                2,
                1,
                1,
                2,
                new FileMetadata.Expiries(1, 0, Long.MAX_VALUE),
                0,
                FileMetadata.Retained.NONE),
            plain.smallest(),
            plain.largest());
    List<VersionEdit.DropClock> clocks =
        List.of(new VersionEdit.DropClock(0, 0), new VersionEdit.DropClock(7, Long.MAX_VALUE));
    VersionEdit edit = Edit.edit().add(0, 3, expiring).dropClocks(clocks).build();
    VersionEdit decoded = EditCodec.decode(EditCodec.encode(edit, 0), "m", 0).edit();
    assertEquals(clocks, decoded.dropClocks());
    assertEquals(expiring.counts(), decoded.added().get(0).file().counts());
  }

  @Test
  void expiriesOutOfOrderAreRefused() {
    FileMetadata plain = Stores.file(9, "aa", "bb", 1, 2);
    FileMetadata impossible =
        new FileMetadata(
            9,
            plain.session(),
            plain.content(),
            new FileMetadata.Counts(
                2, 1, 1, 2, new FileMetadata.Expiries(1, 20, 19), 0, FileMetadata.Retained.NONE),
            plain.smallest(),
            plain.largest());
    byte[] payload = EditCodec.encode(Edit.edit().add(0, 3, impossible).build(), 0);
    assertThrows(CorruptionException.class, () -> EditCodec.decode(payload, "m", 0));
  }

  @Test
  void snapshotsOutOfOrderAreRefused() {
    FileMetadata plain = Stores.file(9, "aa", "bb", 1, 2);
    FileMetadata impossible =
        new FileMetadata(
            9,
            plain.session(),
            plain.content(),
            new FileMetadata.Counts(
                2,
                1,
                1,
                2,
                FileMetadata.Expiries.NONE,
                0,
                new FileMetadata.Retained(1, 1, 9, 8, 1)),
            plain.smallest(),
            plain.largest());
    byte[] payload = EditCodec.encode(Edit.edit().add(0, 3, impossible).build(), 0);
    assertThrows(CorruptionException.class, () -> EditCodec.decode(payload, "m", 0));
  }

  @Test
  void anyBytesAreReadOrRefused() {
    Seed.check(
        300,
        seed -> {
          SplittableRandom random = new SplittableRandom(seed);
          byte[] payload = EditCodec.encode(randomEdit(random), 1);
          for (int i = 1 + random.nextInt(4); i > 0 && payload.length > 0; i--) {
            payload[random.nextInt(payload.length)] = (byte) random.nextInt();
          }
          payload = Arrays.copyOf(payload, random.nextInt(payload.length + 1));
          try {
            EditCodec.decode(payload, "m", 0);
          } catch (CorruptionException expected) {
            assertEquals("m", expected.file());
          }
        });
  }

  @Test
  void everyTruncationOfAFieldIsRefused() {
    byte[] payload =
        EditCodec.encode(Edit.edit().add(0, 3, Stores.file(9, "aa", "bb", 1, 2)).build(), 0);
    for (int length = 1; length < payload.length; length++) {
      byte[] cut = Arrays.copyOf(payload, length);
      assertThrows(CorruptionException.class, () -> EditCodec.decode(cut, "m", 0));
    }
  }

  @Test
  void unknownTagsBelow64AreRefusedAndOthersSkipped() {
    for (int tag = 0; tag < 200; tag++) {
      if (tag >= 1 && tag <= 8) {
        continue;
      }
      PayloadWriter content = new PayloadWriter();
      content.fixed64(1);
      PayloadWriter payload = new PayloadWriter();
      payload.field(tag, content);
      byte[] bytes = payload.toByteArray();
      if (tag < 64) {
        assertThrows(CorruptionException.class, () -> EditCodec.decode(bytes, "m", 0));
      } else {
        assertTrue(EditCodec.decode(bytes, "m", 0).edit().added().isEmpty());
      }
    }
  }

  @Test
  void reservedExtrasOfAFileAreRefusedAndExpiriesSkipped() {
    byte[] payload =
        EditCodec.encode(Edit.edit().add(0, 3, Stores.file(9, "aa", "bb", 1, 2)).build(), 0);
    for (int tag = 1; tag < 70; tag++) {
      // The field has a one-byte tag and a one-byte length; an extra of three bytes is put behind
      // it.
      byte[] bytes = Arrays.copyOf(payload, payload.length + 3);
      bytes[1] += 3;
      bytes[payload.length] = (byte) tag;
      bytes[payload.length + 1] = 1;
      if (tag < 64 || tag == FileCodec.EXTRA_RETAINED) { // which has more than one byte
        assertThrows(CorruptionException.class, () -> EditCodec.decode(bytes, "m", 0));
      } else {
        assertEquals(1, EditCodec.decode(bytes, "m", 0).edit().added().size());
      }
    }
  }

  @Test
  void hostileLengthsAreRefusedBeforeAnythingIsAllocated() {
    for (long length : new long[] {3, 1L << 20, Integer.MAX_VALUE, 1L << 40, Long.MAX_VALUE, -1}) {
      PayloadWriter name = new PayloadWriter();
      name.varint(5);
      name.varint(0);
      name.varint(0);
      name.varint(length);
      PayloadWriter inner = new PayloadWriter();
      inner.field(4, name);
      byte[] bytes = inner.toByteArray();
      assertThrows(CorruptionException.class, () -> EditCodec.decode(bytes, "m", 0));
      PayloadWriter outer = new PayloadWriter();
      outer.varint(6);
      outer.varint(length);
      byte[] field = outer.toByteArray();
      assertThrows(CorruptionException.class, () -> EditCodec.decode(field, "m", 0));
    }
  }

  @Test
  void otherComparatorsAndImpossibleValuesAreRefused() {
    PayloadWriter family = new PayloadWriter();
    family.varint(5);
    family.varint(1);
    family.varint(0);
    family.block(Stores.bytes("name"));
    family.block(Stores.bytes(""));
    assertRefused(4, family);
    PayloadWriter empty = new PayloadWriter();
    empty.varint(5);
    empty.varint(0);
    empty.varint(0);
    empty.block(Stores.bytes(""));
    empty.block(Stores.bytes(""));
    assertRefused(4, empty);
    PayloadWriter malformed = new PayloadWriter();
    malformed.varint(5);
    malformed.varint(0);
    malformed.varint(0);
    malformed.block(new byte[] {(byte) 0xC0, (byte) 0x80});
    malformed.block(Stores.bytes(""));
    assertRefused(4, malformed);
    PayloadWriter level = new PayloadWriter();
    level.varint(0);
    level.varint(7);
    level.varint(1);
    assertRefused(5, level);
  }

  private static void assertRefused(int tag, PayloadWriter content) {
    PayloadWriter payload = new PayloadWriter();
    payload.field(tag, content);
    byte[] bytes = payload.toByteArray();
    assertThrows(CorruptionException.class, () -> EditCodec.decode(bytes, "m", 0));
  }
}
