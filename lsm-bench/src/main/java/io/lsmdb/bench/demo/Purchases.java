package io.lsmdb.bench.demo;

import java.io.IOException;

/**
 * A stream of events, pulled one at a time.
 *
 * <p>Not thread-safe. Closed by whoever opened it.
 */
interface Purchases extends AutoCloseable {
  /** How often a stream can be repeated: every shifted user must fit in a long. */
  int MAX_ROUNDS = 9_000;

  /**
   * The next event.
   *
   * @return null at the end
   * @throws IOException if the input cannot be read
   */
  Purchase next() throws IOException;

  /**
   * How much of the stream is done.
   *
   * @return 0 to 1, or -1 when the length is unknown
   */
  double fraction();

  @Override
  void close() throws IOException;

  /** Opens the same stream anew. */
  @FunctionalInterface
  interface Opener {
    Purchases open(int round) throws IOException;
  }

  /**
   * The same stream several times. Users of each round are shifted by the round times one more than
   * the largest user, so that no two rounds share a user.
   *
   * @param opener opens the stream of a round, from 0 on
   * @param rounds how often, 1 to {@link #MAX_ROUNDS}
   */
  static Purchases repeat(Opener opener, int rounds) throws IOException {
    Purchases first = opener.open(0);
    return new Purchases() {
      private Purchases current = first;
      private int round;
      private long users;

      @Override
      public Purchase next() throws IOException {
        Purchase purchase = current.next();
        while (purchase == null && round + 1 < rounds) {
          current.close();
          round++;
          current = opener.open(round);
          purchase = current.next();
        }
        if (purchase == null || round > 0) {
          return purchase == null ? null : purchase.withUser(purchase.user() + round * users);
        }
        users = Math.max(users, purchase.user() + 1);
        return purchase;
      }

      @Override
      public double fraction() {
        double inRound = current.fraction();
        return inRound < 0 ? -1 : (round + inRound) / rounds;
      }

      @Override
      public void close() throws IOException {
        current.close();
      }
    };
  }
}
