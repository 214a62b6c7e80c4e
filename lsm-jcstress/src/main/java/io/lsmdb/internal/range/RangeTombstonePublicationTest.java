package io.lsmdb.internal.range;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * Range tombstones are added, and states that nobody reads any more are given up: a reader finds,
 * for each key, the newest tombstone up to the sequence that it reads at, and no newer one.
 *
 * <p>The results: how many of the 16 keys the reader found covered as they should be; how many
 * pieces of a walk along all keys.
 */
@JCStressTest
@Outcome(id = "16, 16", expect = Expect.ACCEPTABLE, desc = "As of the reader's sequence.")
@Outcome(expect = Expect.FORBIDDEN, desc = "A tombstone was missed, or seen too early.")
@State
public class RangeTombstonePublicationTest {
  private static final int KEYS = 16;

  /** Tombstones that are visible from the start: all readers read at this sequence or later. */
  private static final int OLD = 8;

  private static final int ADDED = 8;

  private final LiveRangeTombstones ranges = new LiveRangeTombstones();
  private volatile long visible;

  /** Adds the old tombstones. */
  public RangeTombstonePublicationTest() {
    for (int sequence = 1; sequence <= OLD; sequence++) {
      add(sequence);
    }
  }

  private void add(long sequence) {
    ranges.add(key(from(sequence)), key(from(sequence) + 1 + (int) sequence % 7), sequence);
    visible = sequence;
  }

  private static int from(long sequence) {
    return (int) (sequence * 5 % KEYS);
  }

  private static byte[] key(int number) {
    return new byte[] {(byte) number};
  }

  /** The newest tombstone that covers a key, by its definition. */
  private static long expected(int number, long at) {
    long sequence = at;
    while (sequence > RangeCover.NONE
        && (number < from(sequence) || number > from(sequence) + sequence % 7)) {
      sequence--;
    }
    return sequence;
  }

  /** Adds tombstones, and gives up states below the one at which readers may begin. */
  @Actor
  public void writer() {
    for (int sequence = OLD + 1; sequence <= OLD + ADDED; sequence++) {
      add(sequence);
      ranges.forgetBelow(OLD);
    }
  }

  /**
   * Asks for all keys at the visible sequence.
   *
   * @param r how many answers were right
   */
  @Actor
  public void reader(II_Result r) {
    long at = visible;
    RangeCover cover = new RangeCover(new RangeCover.Source[] {ranges}, at);
    int covered = 0;
    int walked = 0;
    for (int i = 0; i < KEYS; i++) {
      byte[] key = key(i);
      long expected = expected(i, at);
      covered += ranges.covering(key, 0, key.length, at) == expected ? 1 : 0;
      walked += cover.at(key, 0, key.length) == expected ? 1 : 0;
    }
    r.r1 = covered;
    r.r2 = walked;
  }
}
