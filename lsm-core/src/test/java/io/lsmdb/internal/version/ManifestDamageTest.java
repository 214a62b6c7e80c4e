package io.lsmdb.internal.version;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.CorruptionException;
import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.base.Crc32c;
import io.lsmdb.internal.fs.FileNames;
import io.lsmdb.internal.record.FileHeader;
import io.lsmdb.internal.record.RecordFormat;
import io.lsmdb.internal.record.RecordHeader;
import io.lsmdb.internal.version.Stores.Edit;
import io.lsmdb.internal.version.Stores.Recorder;
import io.lsmdb.testing.CrashMode;
import io.lsmdb.testing.MemFileSystem;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

/** Flips every byte of CURRENT and manifest, and cuts them everywhere. */
class ManifestDamageTest {
  private final MemFileSystem fs = new MemFileSystem();
  private final List<String> states = new ArrayList<>();
  private final List<Integer> lengths = new ArrayList<>();
  private String name;

  /** A store after four edits; the states and lengths after each are remembered. */
  private VersionSet build() {
    fs.createDirectories(Stores.DIRECTORY);
    VersionSet set = VersionSet.create(Stores.env(fs, new Recorder()));
    name = FileNames.manifest(set.manifestNumber());
    remember(set);
    int family = set.nextFamilyId();
    set.logAndApply(Edit.edit().create(family, "second").build());
    remember(set);
    FileMetadata file =
        Stores.stored(fs, Stores.file(set.newFileNumber(), set.session(), "a", "m", 1, 5));
    set.logAndApply(Edit.edit().add(family, 0, file).flushed(family, 5).build());
    remember(set);
    set.logAndApply(Edit.edit().remove(family, 0, file.number()).add(family, 1, file).build());
    remember(set);
    set.logAndApply(Edit.edit().last(77).build());
    remember(set);
    return set;
  }

  private void remember(VersionSet set) {
    states.add(Stores.describe(set));
    lengths.add(Stores.read(fs, name).length);
  }

  private String open(String file, byte[] content) {
    MemFileSystem copy = fs.crashImage(CrashMode.KEEP_ALL, 0);
    Stores.replace(copy, file, content);
    try (VersionSet set = VersionSet.recover(Stores.env(copy, new Recorder()))) {
      return Stores.describe(set);
    }
  }

  @Test
  void everyFlippedByteOfACleanlyClosedManifestIsRefused() {
    build().close(OptionalLong.of(77));
    byte[] content = Stores.read(fs, name);
    for (int at = 0; at < content.length; at++) {
      for (int flip : new int[] {1, 0x80}) {
        byte[] damaged = content.clone();
        damaged[at] ^= (byte) flip;
        String where = "offset " + at;
        CorruptionException e =
            assertThrows(CorruptionException.class, () -> open(name, damaged), where);
        assertEquals(Stores.DIRECTORY.resolve(name).toString(), e.file());
        assertTrue(e.offset() >= 0, where);
      }
    }
  }

  @Test
  void everyTruncationOfACleanlyClosedManifestIsRefused() {
    build().close(OptionalLong.of(77));
    byte[] content = Stores.read(fs, name);
    for (int length = 0; length < content.length; length++) {
      byte[] cut = Arrays.copyOf(content, length);
      assertThrows(CorruptionException.class, () -> open(name, cut), "length " + length);
    }
    byte[] longer = Arrays.copyOf(content, content.length + 8);
    assertThrows(CorruptionException.class, () -> open(name, longer));
  }

  @Test
  void r27_everyFlippedByteUpToTheLastAcknowledgedEditIsRefused() {
    build();
    byte[] content = Stores.read(fs, name);
    int lastMark = content.length - RecordFormat.CONTROL_SIZE;
    for (int at = 0; at < content.length; at++) {
      byte[] damaged = content.clone();
      damaged[at] ^= 0x10;
      if (at < lastMark) {
        assertThrows(CorruptionException.class, () -> open(name, damaged), "offset " + at);
      } else {
        assertEquals(states.get(states.size() - 1), open(name, damaged), "offset " + at);
      }
    }
  }

  @Test
  void aTruncatedManifestOfAKilledStoreOpensAtAWholeEditOrNotAtAll() {
    build();
    byte[] content = Stores.read(fs, name);
    for (int length = 0; length < content.length; length++) {
      byte[] cut = Arrays.copyOf(content, length);
      if (length < lengths.get(0)) {
        assertThrows(CorruptionException.class, () -> open(name, cut), "length " + length);
        continue;
      }
      int whole = 0;
      while (whole + 1 < lengths.size()
          && lengths.get(whole + 1) - RecordFormat.CONTROL_SIZE <= length) {
        whole++;
      }
      assertEquals(states.get(whole), open(name, cut), "length " + length);
    }
  }

  @Test
  void aTornTailIsCutAndReported() {
    build();
    byte[] content = Stores.read(fs, name);
    int end = content.length;
    byte[] torn = Arrays.copyOf(content, end + 100);
    Arrays.fill(torn, end, end + 60, (byte) 0x5A);
    MemFileSystem copy = fs.crashImage(CrashMode.KEEP_ALL, 0);
    Stores.replace(copy, name, torn);
    VersionSet set = VersionSet.recover(Stores.env(copy, new Recorder()));
    assertEquals(states.get(states.size() - 1), Stores.describe(set));
    assertEquals(new ManifestReader.CutTail(name, end, 100), set.cutTail().orElseThrow());
  }

  @Test
  void everyFlippedByteAndTruncationOfCurrentIsRefused() {
    build().close(OptionalLong.of(77));
    byte[] content = Stores.read(fs, FileNames.CURRENT);
    for (int at = 0; at < content.length; at++) {
      for (int flip : new int[] {1, 2, 0x20, 0x80}) {
        byte[] damaged = content.clone();
        damaged[at] ^= (byte) flip;
        assertThrows(CorruptionException.class, () -> open(FileNames.CURRENT, damaged));
      }
      byte[] cut = Arrays.copyOf(content, at);
      assertThrows(CorruptionException.class, () -> open(FileNames.CURRENT, cut));
    }
    for (int length : new int[] {content.length + 1, 64, 65, 1 << 20}) {
      byte[] longer = Arrays.copyOf(content, length);
      assertThrows(CorruptionException.class, () -> open(FileNames.CURRENT, longer));
    }
  }

  @Test
  void hostileNamesInCurrentAreRefusedDespiteAGoodChecksum() {
    build().close(OptionalLong.of(77));
    for (String hostile :
        List.of(
            "../MANIFEST-000001",
            "MANIFEST-1",
            "MANIFEST-0000001",
            "MANIFEST-9223372036854775807",
            "MANIFEST-000001\0",
            "",
            "CURRENT",
            "000001.tmp")) {
      assertThrows(
          CorruptionException.class,
          () -> open(FileNames.CURRENT, signed(hostile + "\n0000000000000040 ")));
    }
    for (String length : List.of("000000000000003f", "-000000000000001", "000000000000004G")) {
      assertThrows(
          CorruptionException.class,
          () -> open(FileNames.CURRENT, signed(name + "\n" + length + " ")));
    }
    assertThrows(
        CorruptionException.class,
        () -> open(FileNames.CURRENT, signed("MANIFEST-000999\n0000000000000040 ")));
  }

  private static byte[] signed(String text) {
    CRC32C crc = new CRC32C();
    crc.update(Stores.bytes(text));
    return Stores.bytes(text + String.format(Locale.ROOT, "%08x\n", crc.getValue()));
  }

  @Test
  void hostileRecordsWithRepairedChecksumsAreRefusedWithoutAllocation() {
    build();
    byte[] content = Stores.read(fs, name);
    long salt = Bytes.getLong(content, 32);
    int first = FileHeader.SIZE;
    for (int length : new int[] {0, 1, 1 << 20, (1 << 24) - 1}) {
      byte[] damaged = content.clone();
      Bytes.putInt(damaged, first + 8, length << 8 | RecordFormat.DATA);
      repair(damaged, first, salt);
      assertThrows(CorruptionException.class, () -> open(name, damaged), "length " + length);
    }
    for (int high : new int[] {-1, 0, 1, 16, 17, Integer.MAX_VALUE}) {
      byte[] damaged = content.clone();
      Bytes.putInt(damaged, first + 8, 1 << 8 | RecordFormat.HAS_HIGH_LENGTH | RecordFormat.DATA);
      Bytes.putInt(damaged, first + 12, high);
      repair(damaged, first, salt);
      assertThrows(CorruptionException.class, () -> open(name, damaged), "high length " + high);
    }
    for (int type : new int[] {0, 2, 3, 4, 255}) {
      byte[] damaged = content.clone();
      damaged[first + 8] = (byte) type;
      repair(damaged, first, salt);
      assertThrows(CorruptionException.class, () -> open(name, damaged), "type " + type);
    }
  }

  /** Flags that no manifest has, a number among them, are damage even where nothing was forced. */
  @Test
  void hostileFieldsBehindTheLastForcedEditAreRefusedAlthoughTheyMightBeATornTail() {
    build();
    byte[] content = Stores.read(fs, name);
    long salt = Bytes.getLong(content, 32);
    int last = content.length;
    for (int flag : new int[] {0x10, 0x20, 0x40, 0x80}) {
      for (int value : new int[] {0, last + 4, -1}) {
        byte[] longer = Arrays.copyOf(content, last + 28);
        int size = 12 + (flag == RecordFormat.HAS_NUMBER ? 8 : 4);
        Bytes.putInt(longer, last + 8, 4 << 8 | flag | RecordFormat.DATA);
        Bytes.putInt(longer, last + 12, value);
        int payload = last + size;
        Bytes.putInt(longer, last + 4, new Crc32c().compute(salt, payload, longer, payload, 4));
        repair(longer, last, salt);
        CorruptionException e =
            assertThrows(
                CorruptionException.class,
                () -> open(name, longer),
                "flag " + flag + ", value " + value);
        assertEquals(last, e.offset());
      }
    }
  }

  @Test
  void anImpossibleEndOfTheLogIsRefusedDespiteGoodChecksums() {
    build().close(OptionalLong.of(0x77));
    byte[] content = Stores.read(fs, name);
    long salt = Bytes.getLong(content, 32);
    int payload = content.length - Long.BYTES;
    int end = payload - RecordFormat.CONTROL_SIZE;
    for (long logged : new long[] {0, 1L << 55, 1L << 56, -1, Long.MIN_VALUE}) {
      byte[] other = content.clone();
      Bytes.putLong(other, payload, logged);
      Bytes.putInt(other, end + 4, new Crc32c().compute(salt, payload, other, payload, 8));
      repair(other, end, salt);
      if (logged >= 0 && logged < 1L << 56) {
        assertEquals(states.get(states.size() - 1), open(name, other));
      } else {
        CorruptionException e =
            assertThrows(CorruptionException.class, () -> open(name, other), "logged " + logged);
        assertEquals(end, e.offset());
      }
    }
    for (int length : new int[] {1, 7, 9}) {
      byte[] other = content.clone();
      Bytes.putInt(other, end + 8, length << 8 | RecordFormat.HAS_FORCED | RecordFormat.END);
      repair(other, end, salt);
      assertThrows(CorruptionException.class, () -> open(name, other), "length " + length);
    }
  }

  private static void repair(byte[] content, int at, long salt) {
    int covered = RecordHeader.sizeAt(content, at) - 4;
    Bytes.putInt(content, at, new Crc32c().compute(salt, at, content, at + 4, covered));
  }

  @Test
  void unknownVersionsAndFeaturesAreRefused() {
    build().close(OptionalLong.of(77));
    byte[] content = Stores.read(fs, name);
    long salt = Bytes.getLong(content, 32);
    for (int at : new int[] {8, 16, 20, 24, 56}) {
      byte[] other = content.clone();
      other[at] ^= 2;
      Bytes.putInt(other, 60, new Crc32c().compute(salt, 0, other, 0, 60));
      assertThrows(CorruptionException.class, () -> open(name, other), "byte " + at);
    }
    byte[] compatible = content.clone();
    compatible[12] ^= 2;
    Bytes.putInt(compatible, 60, new Crc32c().compute(salt, 0, compatible, 0, 60));
    assertEquals(states.get(states.size() - 1), open(name, compatible));
  }

  @Test
  void recordsOfAnotherManifestAreRefused() {
    build().close(OptionalLong.of(77));
    byte[] content = Stores.read(fs, name);
    MemFileSystem copy = fs.crashImage(CrashMode.KEEP_ALL, 0);
    Stores.replace(copy, FileNames.CURRENT, new CurrentFile(900, content.length).encode());
    Stores.write(copy, FileNames.manifest(900), content);
    assertThrows(
        CorruptionException.class, () -> VersionSet.recover(Stores.env(copy, new Recorder())));
  }
}
