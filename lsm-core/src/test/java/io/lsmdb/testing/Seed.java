package io.lsmdb.testing;

import java.util.concurrent.ThreadLocalRandom;

/**
 * Runs randomised tests under seeds which a failure names.
 *
 * <p>The system property {@value #PROPERTY} repeats one seed; without it each run takes fresh ones.
 *
 * <p>Thread-safe: it holds no state.
 */
public final class Seed {
  /** The system property which holds the seed to repeat, as a decimal number. */
  public static final String PROPERTY = "lsmdb.seed";

  private Seed() {}

  /** A test which draws all of its randomness from one seed. */
  @FunctionalInterface
  public interface Body {
    /** Runs the test under {@code seed}. */
    void run(long seed) throws Exception;
  }

  /**
   * Runs a test under {@code rounds} fresh seeds, or once under the seed to repeat.
   *
   * @throws AssertionError if the test fails; its message says how to repeat the round
   */
  public static void check(int rounds, Body body) {
    Long repeated = Long.getLong(PROPERTY);
    if (repeated != null) {
      round(repeated, body);
      return;
    }
    long first = ThreadLocalRandom.current().nextLong(1L << 40);
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
