package io.lsmdb.bench.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

final class ChoiceTest {
  private static final int BOUND = 1000;
  private static final int DRAWS = 100_000;

  @Test
  void theSameSeedGivesTheSameNumbers() {
    assertEquals(sum(Choice.uniform(BOUND, 7)), sum(Choice.uniform(BOUND, 7)));
    assertEquals(sum(Choice.skewed(BOUND, 7)), sum(Choice.skewed(BOUND, 7)));
    assertTrue(sum(Choice.uniform(BOUND, 7)) != sum(Choice.uniform(BOUND, 8)));
  }

  private static long sum(Choice choice) {
    return LongStream.range(0, DRAWS).map(i -> choice.next() * (i + 1)).sum();
  }

  @Test
  void uniformNumbersAreAllAboutAsFrequent() {
    long[] counts = counts(Choice.uniform(BOUND, 1));
    assertTrue(counts[0] > 50 && counts[BOUND - 1] < 200, Arrays.toString(counts));
  }

  @Test
  void aFewSkewedNumbersMakeUpMostDraws() {
    long[] counts = counts(Choice.skewed(BOUND, 1));
    long hundred = LongStream.of(counts).skip(BOUND - 100).sum();
    assertTrue(hundred > DRAWS / 2, "the 100 most frequent ones: " + hundred);
    assertTrue(hundred < DRAWS * 9 / 10, "the 100 most frequent ones: " + hundred);
  }

  /** How often each number was drawn, in rising order. */
  private static long[] counts(Choice choice) {
    long[] counts = new long[BOUND];
    for (int i = 0; i < DRAWS; i++) {
      counts[(int) choice.next()]++;
    }
    Arrays.sort(counts);
    return counts;
  }

  @Test
  void smallRanksAreTheMostFrequentOnes() {
    Choice choice = Choice.skewedByRank(BOUND, 1);
    long[] counts = new long[BOUND];
    for (int i = 0; i < DRAWS; i++) {
      counts[(int) choice.next()]++;
    }
    assertTrue(counts[0] > counts[10] && counts[10] > counts[500]);
  }

  @Test
  void percentagesCoverTheirRange() {
    Choice choice = Choice.uniform(100, 3);
    boolean[] seen = new boolean[100];
    for (int i = 0; i < 10_000; i++) {
      seen[choice.percent()] = true;
    }
    for (int i = 0; i < 100; i++) {
      assertTrue(seen[i], i + " was never drawn");
    }
  }
}
