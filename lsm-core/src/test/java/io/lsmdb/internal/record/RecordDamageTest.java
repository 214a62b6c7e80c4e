package io.lsmdb.internal.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.CorruptionException;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/**
 * The damage that every type of record file must notice, with the exact verdict on each.
 *
 * <p>A subclass names the type and writes the files. The expected verdict is derived from where the
 * records are and from what intact ones say was forced, as docs/record-format.md has it.
 */
public abstract class RecordDamageTest {
  /** For the use of subclasses. */
  protected RecordDamageTest() {}

  /**
   * A file to be damaged.
   *
   * @param content its bytes
   * @param forcedElsewhere bytes that something outside of the file says were forced
   * @param reader reads other bytes in its place, and checks the records that it finds
   */
  public record Subject(byte[] content, long forcedElsewhere, Function<byte[], Read> reader) {}

  /**
   * Outcome of reading a file that was not refused.
   *
   * @param records how many data records were found
   * @param cutAt where a torn tail was cut, or -1
   */
  public record Read(int records, long cutAt) {}

  /** The type of the files. */
  protected abstract RecordFileType type();

  /** Whether zeros may follow the records. */
  protected abstract boolean isFilledAhead();

  /** A file with marks, whose last records were not forced where the type allows for that. */
  protected abstract Subject killed();

  /** A file that was closed cleanly. */
  protected abstract Subject closed();

  /** A file of the same type and another salt, longer than the others. */
  protected abstract byte[] older();

  private List<RecordPlace> places(Subject subject) {
    List<RecordPlace> places = RecordPlace.all(subject.content(), type());
    assertTrue(places.size() >= 5, "too few records to be of use");
    return places;
  }

  private static int end(List<RecordPlace> places) {
    return places.get(places.size() - 1).end();
  }

  private static int recordsBefore(List<RecordPlace> places, long offset) {
    return (int)
        places.stream()
            .filter(place -> place.type() == RecordFormat.DATA && place.end() <= offset)
            .count();
  }

  private static void assertRefused(Subject subject, byte[] content, String what) {
    CorruptionException e =
        assertThrows(CorruptionException.class, () -> subject.reader().apply(content), what);
    assertTrue(e.offset() >= 0, what);
  }

  /**
   * Checks that all before an offset is found, and that the rest is cut, or nothing if it is -1.
   */
  private void assertFound(Subject subject, byte[] content, long end, boolean cut, String what) {
    Read read = subject.reader().apply(content);
    assertEquals(recordsBefore(places(subject), end), read.records(), what);
    assertEquals(cut ? end : -1, read.cutAt(), what);
  }

  /**
   * Checks the verdict on a break.
   *
   * @param at where it is
   * @param from records that start here or behind are intact
   */
  private void assertBreak(Subject subject, byte[] content, int at, int from, String what) {
    boolean forced =
        subject.forcedElsewhere() > at
            || places(subject).stream()
                .anyMatch(place -> place.at() >= from && place.forced() > at);
    if (forced) {
      assertRefused(subject, content, what);
    } else {
      assertFound(subject, content, at, true, what);
    }
  }

  @Test
  void everyTruncationIsRefusedOrCutBehindTheLastWholeRecord() {
    for (Subject subject : List.of(killed(), closed())) {
      List<RecordPlace> places = places(subject);
      for (int length = 0; length < subject.content().length; length++) {
        byte[] cut = Arrays.copyOf(subject.content(), length);
        String what = "length " + length;
        if (length < FileHeader.SIZE || length < subject.forcedElsewhere()) {
          assertRefused(subject, cut, what);
        } else if (length < type().firstRecord()) {
          assertEquals(0, subject.reader().apply(cut).records(), what);
        } else {
          int end = type().firstRecord();
          for (RecordPlace place : places) {
            end = place.end() <= length ? place.end() : end;
          }
          byte[] rest = Arrays.copyOfRange(cut, end, length);
          boolean torn = isFilledAhead() ? !isZero(rest) : rest.length > 0;
          assertFound(subject, cut, end, torn, what);
        }
      }
    }
  }

  private static boolean isZero(byte[] bytes) {
    return Arrays.equals(bytes, new byte[bytes.length]);
  }

  @Test
  void everyFlippedBitIsNoticedAndJudged() {
    for (Subject subject : List.of(killed(), closed())) {
      for (int bit = 0; bit < Byte.SIZE * subject.content().length; bit++) {
        byte[] changed = subject.content().clone();
        int at = bit / Byte.SIZE;
        changed[at] ^= (byte) (1 << bit % Byte.SIZE);
        if (at < FileHeader.SIZE) {
          assertRefused(subject, changed, "bit " + bit);
        } else {
          assertFlipIsJudged(subject, changed, at);
        }
      }
    }
  }

  private void assertFlipIsJudged(Subject subject, byte[] changed, int at) {
    List<RecordPlace> places = places(subject);
    int start = at < type().firstRecord() ? FileHeader.SIZE : end(places);
    int following = at < type().firstRecord() ? type().firstRecord() : changed.length;
    for (RecordPlace place : places) {
      if (place.at() <= at && at < place.end()) {
        start = place.at();
        following = place.end();
      }
    }
    assertBreak(subject, changed, start, following, "flip at " + at);
  }

  @Test
  void twoSwappedRecordsAreNoticed() {
    for (Subject subject : List.of(killed(), closed())) {
      List<RecordPlace> places = places(subject);
      for (int i = 0; i + 1 < places.size(); i++) {
        byte[] changed = subject.content().clone();
        RecordPlace one = places.get(i);
        RecordPlace two = places.get(i + 1);
        int size = two.end() - two.at();
        System.arraycopy(subject.content(), two.at(), changed, one.at(), size);
        System.arraycopy(
            subject.content(), one.at(), changed, one.at() + size, one.end() - one.at());
        assertBreak(subject, changed, one.at(), two.end(), "swapped " + one + " and " + two);
      }
    }
  }

  @Test
  void aRepeatedRecordIsNoticed() {
    for (Subject subject : List.of(killed(), closed())) {
      for (RecordPlace place : places(subject)) {
        int size = place.end() - place.at();
        byte[] changed = new byte[subject.content().length + size];
        System.arraycopy(subject.content(), 0, changed, 0, place.end());
        System.arraycopy(
            subject.content(), place.at(), changed, place.end(), changed.length - place.end());
        if (place.type() == RecordFormat.END) {
          assertRefused(subject, changed, "repeated " + place);
        } else {
          assertBreak(subject, changed, place.end(), changed.length, "repeated " + place);
        }
      }
    }
  }

  @Test
  void aRecordInThePlaceOfAnotherOneOfItsSizeIsNoticed() {
    int pairs = 0;
    for (Subject subject : List.of(killed(), closed())) {
      List<RecordPlace> places = places(subject);
      for (RecordPlace from : places) {
        for (RecordPlace to : places) {
          int size = from.end() - from.at();
          if (from.at() != to.at() && size == to.end() - to.at()) {
            byte[] changed = subject.content().clone();
            System.arraycopy(subject.content(), from.at(), changed, to.at(), size);
            assertBreak(subject, changed, to.at(), to.end(), from + " in the place of " + to);
            pairs++;
          }
        }
      }
    }
    assertTrue(pairs > 0);
  }

  @Test
  void bytesOfAnOlderFileBehindTheEndAreNeverRecords() {
    byte[] older = older();
    for (Subject subject : List.of(killed(), closed())) {
      List<RecordPlace> places = places(subject);
      int end = end(places);
      assertTrue(older.length > end + 64);
      for (int from = type().firstRecord(); from < older.length - 64; from += 4) {
        byte[] changed = Arrays.copyOf(subject.content(), end + older.length - from);
        System.arraycopy(older, from, changed, end, older.length - from);
        if (isZero(Arrays.copyOfRange(changed, end, changed.length))) {
          continue; // behind the records of the older file
        }
        if (places.get(places.size() - 1).type() == RecordFormat.END) {
          assertRefused(subject, changed, "behind an end record");
        } else {
          assertFound(subject, changed, end, true, "bytes from " + from);
        }
      }
    }
  }

  @Test
  void zerosBehindTheEndAreTheEndOfAFileFilledAheadAndATornTailOfAnyOther() {
    for (Subject subject : List.of(killed(), closed())) {
      List<RecordPlace> places = places(subject);
      int end = end(places);
      for (int zeros : new int[] {1, 4, 8, 64, 512, 5000}) {
        byte[] changed = Arrays.copyOf(Arrays.copyOf(subject.content(), end), end + zeros);
        if (isFilledAhead()) {
          assertFound(subject, changed, end, false, zeros + " zeros");
        } else if (places.get(places.size() - 1).type() == RecordFormat.END) {
          assertRefused(subject, changed, zeros + " zeros");
        } else {
          assertFound(subject, changed, end, true, zeros + " zeros");
        }
      }
    }
  }

  @Test
  void theFilesThemselvesAreWhole() {
    for (Subject subject : List.of(killed(), closed())) {
      assertFound(subject, subject.content(), end(places(subject)), false, "undamaged");
    }
  }
}
