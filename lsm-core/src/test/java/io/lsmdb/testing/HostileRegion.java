package io.lsmdb.testing;

import java.util.Random;
import java.util.function.Consumer;

/**
 * A part of a file that stands under a checksum, and what makes the checksum right again after a
 * change. Immutable.
 *
 * @param name of what is in it
 * @param from where it starts
 * @param to exclusive end; the checksum itself is not in the region
 * @param repair writes the checksums of a changed file
 */
public record HostileRegion(String name, int from, int to, Consumer<byte[]> repair) {
  private static final long[] EDGES = {
    0,
    1,
    -1,
    127,
    128,
    255,
    256,
    65_535,
    65_536,
    1 << 24,
    Integer.MAX_VALUE,
    Integer.MIN_VALUE,
    1L << 32,
    1L << 56,
    Long.MAX_VALUE,
    Long.MIN_VALUE
  };

  /**
   * Changes something, and repairs the checksums.
   *
   * @param file the content of the file
   * @param random draws the change
   */
  public void mutate(byte[] file, Random random) {
    int length = to - from;
    int at = from + random.nextInt(length);
    if (random.nextInt(3) == 0) {
      at = Math.max(from, to - 1 - random.nextInt(32)); // where lengths and counts stand
    }
    switch (random.nextInt(7)) {
      case 0 -> file[at] = (byte) random.nextInt();
      case 1 -> file[at] ^= (byte) (1 << random.nextInt(8));
      case 2 -> file[at] += (byte) (random.nextBoolean() ? 1 : -1);
      case 3 -> putEdge(file, at, 1 + random.nextInt(8), random);
      case 4 -> {
        int size = 1 + random.nextInt(Math.min(length, 40));
        int source = from + random.nextInt(length - size + 1);
        System.arraycopy(file, source, file, Math.min(at, to - size), size);
      }
      case 5 -> {
        byte swapped = file[at];
        int other = from + random.nextInt(length);
        file[at] = file[other];
        file[other] = swapped;
      }
      default -> {
        for (int end = Math.min(to, at + 1 + random.nextInt(16)); at < end; at++) {
          file[at] = (byte) random.nextInt();
        }
      }
    }
    repair.accept(file);
  }

  private void putEdge(byte[] file, int at, int bytes, Random random) {
    long edge = EDGES[random.nextInt(EDGES.length)];
    for (int i = 0; i < bytes && at + i < to; i++) {
      file[at + i] = (byte) (edge >>> 8 * i);
    }
  }
}
