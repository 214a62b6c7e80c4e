package io.lsmdb.bench.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lsmdb.bench.compare.BackgroundEvents.Kind;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class MarksTest {
  private static final long MILLISECOND = 1_000_000;

  private final List<Mark> given = new ArrayList<>();
  private long now;
  private final Marks marks = new Marks(() -> now, given::add);

  private void stall(long atMillis, long millis) {
    now = atMillis * MILLISECOND;
    marks.ended(Kind.STALL, "waits", millis * MILLISECOND);
  }

  @Test
  void flushesAreGivenOutAtOnceWithTheirLength() {
    marks.ended(Kind.FLUSH, "too early", 1);
    now = 5 * MILLISECOND;
    marks.begin(now);
    now = 25 * MILLISECOND;
    marks.ended(Kind.FLUSH, "8 MiB", 15 * MILLISECOND);
    assertEquals(List.of(new Mark(Kind.FLUSH, "8 MiB", 5, 20, 1)), given);
    Message message = Message.parse(given.get(0).message().line());
    assertEquals(given.get(0), Mark.of(message));
  }

  @Test
  void stallsRightAfterEachOtherAreOne() {
    marks.begin(0);
    stall(110, 10);
    stall(130, 5);
    stall(500, 1);
    marks.flush(false);
    assertEquals(List.of(new Mark(Kind.STALL, "waits", 100, 130, 2)), given);
    marks.flush(true);
    assertEquals(new Mark(Kind.STALL, "waits", 499, 500, 1), given.get(1));
  }

  @Test
  void aStallThatBeganBeforeTheRunBeginsWithIt() {
    marks.begin(0);
    stall(20, 50);
    marks.flush(true);
    assertEquals(List.of(new Mark(Kind.STALL, "waits", 0, 20, 1)), given);
  }
}
