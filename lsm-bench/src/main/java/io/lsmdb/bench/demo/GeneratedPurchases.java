package io.lsmdb.bench.demo;

/**
 * A reproducible stream of any length: the same seed and length give the same events on every JVM.
 *
 * <p>Not thread-safe. Few users and stock codes make most of the events: with u uniform in [0, 1),
 * a user's rank is users × u³ and a stock code's is codes × u². One event in fifty is a return.
 * Only integer arithmetic and products of doubles are used, whose results Java defines exactly.
 */
final class GeneratedPurchases implements Purchases {
  /** The first event: 2026-01-01T00:00:00Z, in milliseconds since 1970. */
  private static final long START = 1_767_225_600_000L;

  private static final int EVENTS_PER_USER = 20;
  private static final int LEAST_USERS = 100;
  private static final int CODES = 4_000;
  private static final int MAX_PENCE = 20_000;
  private static final int EVENTS_PER_RETURN = 50;

  /** Mean distance of two events is half of this, in milliseconds. */
  private static final int MAX_GAP = 400;

  private final long count;
  private final long users;
  private long done;
  private long state;
  private long now = START;

  GeneratedPurchases(long count, long seed) {
    this.count = count;
    this.users = Math.max(LEAST_USERS, count / EVENTS_PER_USER);
    this.state = seed;
  }

  @Override
  public Purchase next() {
    if (done == count) {
      return null;
    }
    done++;
    double u = uniform();
    long rank = (long) (users * (u * u * u));
    double c = uniform();
    int code = (int) (CODES * (c * c));
    double a = uniform();
    long amount = 1 + (long) (MAX_PENCE * (a * a * a));
    if (below(EVENTS_PER_RETURN) == 0) {
      amount = -amount;
    }
    now += below(MAX_GAP);
    return new Purchase(customerNumber(rank), stockCode(code), amount, now);
  }

  /** Numbers of up to ten digits that are distinct and in no order, as ranks are not customers. */
  private static long customerNumber(long rank) {
    // An odd factor permutes the residues of a power of two.
    return ((rank + 1) * 0x9E3779B1L) & 0x1_FFFF_FFFFL;
  }

  private static String stockCode(int code) {
    int number = 20_000 + code / 2 * 17;
    return code % 2 == 0 ? Integer.toString(number) : number + "A";
  }

  private double uniform() {
    return (nextLong() >>> 11) * 0x1.0p-53;
  }

  private int below(int bound) {
    return (int) ((nextLong() >>> 33) % bound);
  }

  /** SplitMix64: Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", 2014. */
  private long nextLong() {
    state += 0x9E3779B97F4A7C15L;
    long z = state;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  @Override
  public double fraction() {
    return count == 0 ? 1 : (double) done / count;
  }

  @Override
  public void close() {}
}
