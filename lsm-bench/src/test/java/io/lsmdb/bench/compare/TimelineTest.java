package io.lsmdb.bench.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class TimelineTest {
  private static final long MILLISECOND = 1_000_000;
  private static final long SECOND = 1_000 * MILLISECOND;

  private final List<Message> seconds = new ArrayList<>();
  private final Timeline timeline = new Timeline(3, seconds::add);

  @Test
  void latenciesBelongToTheSecondOfTheirDueTimeAndThroughputToThatOfTheirEnd() {
    timeline.record(100 * MILLISECOND, 101 * MILLISECOND);
    // The store pauses for a second: nine events came due meanwhile.
    for (int i = 1; i < 10; i++) {
      timeline.record(i * 100L * MILLISECOND, SECOND + 500 * MILLISECOND);
    }
    timeline.record(2 * SECOND, 2 * SECOND + MILLISECOND);
    Map<Figure, Double> whole = timeline.end();
    assertEquals(3, seconds.size());
    assertEquals(List.of(1.0, 9.0, 1.0), seconds.stream().map(s -> done(s)).toList());
    assertEquals(1400, seconds.get(0).figures().get(Figure.MAX) / MILLISECOND, 2);
    assertFalse(seconds.get(1).figures().containsKey(Figure.MAX), "nothing was due in it");
    assertEquals(1, seconds.get(2).figures().get(Figure.P50) / MILLISECOND, 0.01);
    assertEquals(1400, whole.get(Figure.MAX) / MILLISECOND, 2);
  }

  private static double done(Message second) {
    return second.figures().get(Figure.THROUGHPUT);
  }

  @Test
  void whatIsNotDoneHasWaitedUntilTheEnd() {
    timeline.record(0, 1);
    timeline.recordUnfinished(SECOND, 3 * SECOND);
    timeline.end();
    assertEquals(0, done(seconds.get(1)));
    assertTrue(seconds.get(1).figures().get(Figure.P50) >= 1.99 * SECOND);
  }
}
