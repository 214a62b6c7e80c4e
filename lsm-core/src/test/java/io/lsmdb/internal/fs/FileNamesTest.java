package io.lsmdb.internal.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.internal.fs.FileNames.Parsed;
import io.lsmdb.testing.Seed;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FileNamesTest {
  @Test
  void namesAreFrozen() {
    assertEquals("000012.log", FileNames.log(12));
    assertEquals("1234567.log", FileNames.log(1_234_567));
    assertEquals("000034-00c0ffee00c0ffee.sst", FileNames.table(34, 0x00c0ffee00c0ffeeL));
    assertEquals("000000-ffffffffffffffff.sst", FileNames.table(0, -1));
    assertEquals("MANIFEST-000005", FileNames.manifest(5));
    assertEquals("000077.tmp", FileNames.temporary(77));
    assertEquals("CURRENT", FileNames.CURRENT);
    assertEquals("CURRENT.tmp", FileNames.CURRENT_TEMPORARY);
    assertEquals("LOCK", FileNames.LOCK);
  }

  @Test
  void negativeNumbersAreRefused() {
    assertThrows(IndexOutOfBoundsException.class, () -> FileNames.log(-1));
    assertThrows(IndexOutOfBoundsException.class, () -> FileNames.table(-1, 0));
    assertThrows(IndexOutOfBoundsException.class, () -> FileNames.log(Long.MAX_VALUE));
  }

  @Test
  void everyNameIsParsedBack() {
    long[] numbers = {0, 1, 999_999, 1_000_000, 1L << 40, Long.MAX_VALUE - 1};
    for (long number : numbers) {
      assertParsed(new Parsed(FileNames.Type.LOG, number, 0), FileNames.log(number));
      assertParsed(new Parsed(FileNames.Type.MANIFEST, number, 0), FileNames.manifest(number));
      assertParsed(new Parsed(FileNames.Type.TEMPORARY, number, 0), FileNames.temporary(number));
      for (long session : new long[] {0, 1, -1, Long.MIN_VALUE, 0x0123456789abcdefL}) {
        assertParsed(
            new Parsed(FileNames.Type.TABLE, number, session), FileNames.table(number, session));
      }
    }
    assertParsed(new Parsed(FileNames.Type.CURRENT, FileNames.NO_NUMBER, 0), "CURRENT");
    assertParsed(new Parsed(FileNames.Type.LOCK, FileNames.NO_NUMBER, 0), "LOCK");
    assertParsed(new Parsed(FileNames.Type.TEMPORARY, FileNames.NO_NUMBER, 0), "CURRENT.tmp");
  }

  private static void assertParsed(Parsed expected, String name) {
    assertEquals(Optional.of(expected), FileNames.parse(name));
    assertEquals(name, expected.name());
  }

  @Test
  void otherNamesAreRefused() {
    List<String> names =
        List.of(
            "",
            ".",
            "..",
            "/",
            "\0",
            "a",
            "current",
            "CURRENT ",
            "LOCK.",
            "LOG",
            "log",
            ".log",
            "1.log",
            "00001.log",
            "0000001.log",
            "000001.LOG",
            "000001.log.log",
            "000001.log/",
            "../000001.log",
            "/000001.log",
            "000001\0.log",
            "000001.log\0",
            "-00001.log",
            "+00001.log",
            " 000001.log",
            "00000a.log",
            "٠٠٠٠٠١.log",
            "000001",
            "000001.",
            "000001.sst",
            "000001-.sst",
            "000001-0.sst",
            "000001-00C0FFEE00C0FFEE.sst",
            "000001-00c0ffee00c0ffe.sst",
            "000001-00c0ffee00c0ffee0.sst",
            "-00c0ffee00c0ffee.sst",
            "000001_00c0ffee00c0ffee.sst",
            "MANIFEST-",
            "MANIFEST-1",
            "MANIFEST-0000001",
            "MANIFEST-000001.log",
            "MANIFEST--00001",
            "manifest-000001",
            "9223372036854775807.log",
            "9223372036854775808.log",
            "99999999999999999999.log",
            "18446744073709551617.log",
            "CURRENT.tmp.tmp",
            "LOCK.tmp",
            "0".repeat(65_536),
            "1".repeat(65_536) + ".log",
            "9".repeat(65_532) + ".sst");
    for (String name : names) {
      assertEquals(Optional.empty(), FileNames.parse(name), name);
    }
  }

  @Test
  void whateverIsAcceptedIsWhatWouldBeProduced() {
    Seed.check(1, FileNamesTest::checkScrambledNames);
  }

  private static void checkScrambledNames(long seed) {
    Random random = new Random(seed);
    String alphabet = "00000012345679abcdef-.logsstmpMANIFESTCURRENTLOCK/\0 é";
    int accepted = 0;
    for (int i = 0; i < 100_000; i++) {
      String name = i % 2 == 0 ? scramble(random, alphabet) : mutate(random, alphabet);
      Optional<Parsed> parsed = FileNames.parse(name);
      if (parsed.isPresent()) {
        accepted++;
        assertEquals(name, parsed.get().name());
      }
    }
    assertTrue(accepted > 100, "too few names accepted to tell: " + accepted);
  }

  private static String scramble(Random random, String alphabet) {
    StringBuilder name = new StringBuilder();
    int length = random.nextInt(30);
    for (int i = 0; i < length; i++) {
      name.append(alphabet.charAt(random.nextInt(alphabet.length())));
    }
    return name.toString();
  }

  private static String mutate(Random random, String alphabet) {
    long number = random.nextLong() >>> (1 + random.nextInt(63));
    number = Math.min(number, Long.MAX_VALUE - 1);
    String name =
        switch (random.nextInt(4)) {
          case 0 -> FileNames.log(number);
          case 1 -> FileNames.table(number, random.nextLong());
          case 2 -> FileNames.manifest(number);
          default -> FileNames.temporary(number);
        };
    StringBuilder changed = new StringBuilder(name);
    char c = alphabet.charAt(random.nextInt(alphabet.length()));
    switch (random.nextInt(3)) {
      case 0 -> changed.setCharAt(random.nextInt(changed.length()), c);
      case 1 -> changed.insert(random.nextInt(changed.length() + 1), c);
      default -> changed.deleteCharAt(random.nextInt(changed.length()));
    }
    return changed.toString();
  }
}
