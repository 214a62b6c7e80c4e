package io.lsmdb.bench.compare;

import java.util.SplittableRandom;

/**
 * A reproducible sequence of numbers below a bound. Not thread-safe.
 *
 * <p>Skewed numbers follow a Zipf distribution with exponent 0.99, as in YCSB, computed as in Gray
 * et al., "Quickly Generating Billion-Record Synthetic Databases", 1994; popular numbers are
 * scattered over the range. They are drawn ahead, for their computation costs more than an engine's
 * cached read; the sequence repeats after {@link #DRAWN}, unless it is to be drawn freshly.
 */
final class Choice {
  /** Skewed numbers that are drawn ahead. */
  static final int DRAWN = 1 << 18;

  private static final double EXPONENT = 0.99;

  private final SplittableRandom random;
  private final long bound;
  private final int[] skewed;
  private final Zipf fresh;
  private int next;

  private Choice(long bound, long seed, int[] skewed, Zipf fresh) {
    this.bound = bound;
    this.random = new SplittableRandom(seed);
    this.skewed = skewed;
    this.fresh = fresh;
  }

  /** All numbers alike. */
  static Choice uniform(long bound, long seed) {
    return new Choice(bound, seed, null, null);
  }

  /** Few numbers often, and every number now and then: no sequence that repeats. */
  static Choice freshlySkewed(int bound, long seed) {
    return new Choice(bound, seed, null, new Zipf(bound));
  }

  /** Few numbers often. */
  static Choice skewed(int bound, long seed) {
    int[] drawn = drawRanks(bound, seed);
    for (int i = 0; i < DRAWN; i++) {
      drawn[i] = scatter(drawn[i], bound);
    }
    return new Choice(bound, seed, drawn, null);
  }

  /** Small numbers often. */
  static Choice skewedByRank(int bound, long seed) {
    return new Choice(bound, seed, drawRanks(bound, seed), null);
  }

  private static int scatter(int rank, long bound) {
    return (int) Long.remainderUnsigned(Records.mix(rank), bound);
  }

  private static int[] drawRanks(int bound, long seed) {
    Zipf ranks = new Zipf(bound);
    SplittableRandom random = new SplittableRandom(seed);
    int[] drawn = new int[DRAWN];
    for (int i = 0; i < DRAWN; i++) {
      drawn[i] = ranks.next(random);
    }
    return drawn;
  }

  /** Ranks from 0, the first of them the most frequent. Immutable. */
  private static final class Zipf {
    private final int bound;
    private final double zeta;
    private final double zeta2 = 1 + Math.pow(0.5, EXPONENT);
    private final double alpha = 1 / (1 - EXPONENT);
    private final double eta;

    Zipf(int bound) {
      double sum = 0;
      for (int i = 1; i <= bound; i++) {
        sum += 1 / Math.pow(i, EXPONENT);
      }
      this.bound = bound;
      this.zeta = sum;
      this.eta = (1 - Math.pow(2.0 / bound, 1 - EXPONENT)) / (1 - zeta2 / zeta);
    }

    int next(SplittableRandom random) {
      double u = random.nextDouble();
      double uz = u * zeta;
      long rank = uz < 1 ? 0 : uz < zeta2 ? 1 : (long) (bound * Math.pow(eta * u - eta + 1, alpha));
      return (int) Math.min(rank, bound - 1L);
    }
  }

  long next() {
    if (fresh != null) {
      return scatter(fresh.next(random), bound);
    }
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
