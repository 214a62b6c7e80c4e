package io.lsmdb.bench.compare;

import java.util.SplittableRandom;

/**
 * A reproducible sequence of numbers below a bound. Not thread-safe.
 *
 * <p>Skewed numbers follow a Zipf distribution with exponent 0.99, as in YCSB, computed as in Gray
 * et al., "Quickly Generating Billion-Record Synthetic Databases", 1994; popular numbers are
 * scattered over the range. They are drawn ahead, for their computation costs more than an engine's
 * cached read; the sequence repeats after {@link #DRAWN}.
 */
final class Choice {
  /** Skewed numbers that are drawn ahead. */
  static final int DRAWN = 1 << 18;

  private static final double EXPONENT = 0.99;

  private final SplittableRandom random;
  private final long bound;
  private final int[] skewed;
  private int next;

  private Choice(long bound, long seed, int[] skewed) {
    this.bound = bound;
    this.random = new SplittableRandom(seed);
    this.skewed = skewed;
  }

  /** All numbers alike. */
  static Choice uniform(long bound, long seed) {
    return new Choice(bound, seed, null);
  }

  /** Few numbers often. */
  static Choice skewed(int bound, long seed) {
    int[] drawn = drawRanks(bound, seed);
    for (int i = 0; i < DRAWN; i++) {
      drawn[i] = (int) Long.remainderUnsigned(Records.mix(drawn[i]), bound);
    }
    return new Choice(bound, seed, drawn);
  }

  /** Small numbers often. */
  static Choice skewedByRank(int bound, long seed) {
    return new Choice(bound, seed, drawRanks(bound, seed));
  }

  private static int[] drawRanks(int bound, long seed) {
    double zeta = 0;
    for (int i = 1; i <= bound; i++) {
      zeta += 1 / Math.pow(i, EXPONENT);
    }
    double zeta2 = 1 + Math.pow(0.5, EXPONENT);
    double alpha = 1 / (1 - EXPONENT);
    double eta = (1 - Math.pow(2.0 / bound, 1 - EXPONENT)) / (1 - zeta2 / zeta);
    SplittableRandom random = new SplittableRandom(seed);
    int[] drawn = new int[DRAWN];
    for (int i = 0; i < DRAWN; i++) {
      double u = random.nextDouble();
      double uz = u * zeta;
      long rank = uz < 1 ? 0 : uz < zeta2 ? 1 : (long) (bound * Math.pow(eta * u - eta + 1, alpha));
      drawn[i] = (int) Math.min(rank, bound - 1L);
    }
    return drawn;
  }

  long next() {
    if (skewed == null) {
      // Multiplication instead of division; the bias is below 2^-20 for any bound in use.
      return Math.multiplyHigh(random.nextLong() >>> 1, bound << 1);
    }
    return skewed[next++ & DRAWN - 1];
  }

  /** A number below 100. */
  int percent() {
    return (int) ((random.nextInt() >>> 1) * 100L >>> 31);
  }
}
