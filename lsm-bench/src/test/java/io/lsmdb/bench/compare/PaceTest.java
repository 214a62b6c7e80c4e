package io.lsmdb.bench.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class PaceTest {
  private static final long MILLISECOND = 1_000_000;

  @Test
  void operationsAreDueAtEvenDistances() {
    Pace pace = new Pace(1_000_000, 0, 1);
    long begin = System.nanoTime();
    pace.begin(begin);
    for (int i = 0; i < 50; i++) {
      assertEquals(begin + i * 1_000L, pace.due());
      assertEquals(begin + i * 1_000L, pace.await());
    }
    assertTrue(System.nanoTime() - begin >= 49_000, "none begins before it is due");
  }

  @Test
  void threadsTakeTurns() {
    for (int thread = 0; thread < 4; thread++) {
      Pace pace = new Pace(1_000, thread, 4);
      pace.begin(0);
      assertEquals(thread * MILLISECOND, pace.due());
    }
  }

  @Test
  void aPauseIsSeenByEveryOperationThatCameDueMeanwhile() throws Exception {
    Workloads.Step step =
        new Workloads.Step() {
          private int count;

          @Override
          public int run() throws Exception {
            if (count++ == 0) {
              Thread.sleep(200);
            }
            return count <= 200 ? 1 : 0;
          }
        };
    Map<Figure, Double> figures = new Measurement(Long.MAX_VALUE, 1_000).run(List.of(step));
    assertEquals(200, figures.get(Figure.OPERATIONS));
    assertTrue(
        figures.get(Figure.P50) > 50 * MILLISECOND, "half waited, most of them long: " + figures);
  }

  @Test
  void aRateIsNotExceeded() throws Exception {
    Map<Figure, Double> figures =
        new Measurement(Long.MAX_VALUE, 1_000)
            .run(List.of(Workloads.Step.times(50, () -> 1), Workloads.Step.times(50, () -> 1)));
    assertEquals(100, figures.get(Figure.OPERATIONS));
    assertTrue(figures.get(Figure.THROUGHPUT) < 1_100, figures.toString());
  }
}
