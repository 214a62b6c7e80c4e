package io.lsmdb.testing;

import java.util.concurrent.ThreadLocalRandom;

/**
 * Runs randomised tests under seeds which a failure names.
 *
 * <p>Without the system property {@value #PROPERTY} every run takes the same seeds, so that a
 * change is judged by itself alone. The property repeats one seed, or takes fresh ones when it is
 * {@value #FRESH}.
 *
 * <p>Thread-safe: it holds no state.
 */
public final class Seed {
  /** The system property which holds the seed to repeat, as a decimal number, or {@link #FRESH}. */
  public static final String PROPERTY = "lsmdb.seed";

  /** Value of {@link #PROPERTY} with which each run takes seeds of its own. */
  public static final String FRESH = "fresh";

  private static final long USUAL_FIRST = 20_261;

  private Seed() {}

  /** A test which draws all of its randomness from one seed. */
  @FunctionalInterface
  public interface Body {
    /** Runs the test under {@code seed}. */
    void run(long seed) throws Exception;
  }

  /**
   * Runs a test under {@code rounds} seeds, or once under the seed to repeat.
   *
   * @throws AssertionError if the test fails; its message says how to repeat the round
   */
  public static void check(int rounds, Body body) {
    Long repeated = Long.getLong(PROPERTY);
    if (repeated != null) {
      round(repeated, body);
      return;
    }
    boolean fresh = FRESH.equals(System.getProperty(PROPERTY));
    long first = fresh ? ThreadLocalRandom.current().nextLong(1L << 40) : USUAL_FIRST;
    for (int i = 0; i < rounds; i++) {
      round(first + i, body);
    }
  }

  private static void round(long seed, Body body) {
    try {
      body.run(seed);
    } catch (Exception | AssertionError failure) {
      throw new AssertionError(
          "Failed under seed " + seed + ", repeat with -D" + PROPERTY + "=" + seed + ": " + failure,
          failure);
    }
  }
}
