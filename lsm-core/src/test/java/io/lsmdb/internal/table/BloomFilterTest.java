package io.lsmdb.internal.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.base.Hash;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The filter's promise and its rate of false positives. */
class BloomFilterTest {
  private static double falsePositives(int keys, int bitsPerKey) {
    Random random = new Random(keys);
    int lines = BloomFilter.lineCount(keys, bitsPerKey);
    int probes = BloomFilter.probeCount(bitsPerKey);
    byte[] bytes = new byte[lines * BloomFilter.LINE_BYTES];
    long[] hashes = new long[keys];
    byte[] key = new byte[16];
    for (int i = 0; i < keys; i++) {
      Bytes.putLong(key, 0, random.nextInt(1 << 20));
      Bytes.putLong(key, 8, i);
      hashes[i] = Hash.of(key, 0, 16);
      BloomFilter.add(bytes, BloomFilter.line(hashes[i], lines), hashes[i], probes);
    }
    BloomFilter filter = new BloomFilter(bytes, bytes.length);
    for (long hash : hashes) {
      assertTrue(filter.mayContain(BloomFilter.line(hash, lines), hash, probes));
    }
    int positives = 0;
    int questions = 200_000;
    for (int i = 0; i < questions; i++) {
      Bytes.putLong(key, 0, random.nextInt(1 << 20));
      Bytes.putLong(key, 8, -1L - i);
      long hash = Hash.of(key, 0, 16);
      if (filter.mayContain(BloomFilter.line(hash, lines), hash, probes)) {
        positives++;
      }
    }
    return positives / (double) questions;
  }

  @Test
  void tenBitsAKeyGiveAboutOnePercentFalsePositives() {
    for (int keys : new int[] {1_000, 50_000, 500_000}) {
      double rate = falsePositives(keys, 10);
      assertTrue(rate <= 0.015, keys + " keys: " + rate);
    }
  }

  @Test
  void moreBitsGiveFewerFalsePositives() {
    assertTrue(falsePositives(50_000, 1) < 0.75);
    assertTrue(falsePositives(50_000, 5) < 0.15);
    assertTrue(falsePositives(50_000, 16) < 0.0025);
    assertTrue(falsePositives(50_000, 24) < 0.0008);
  }

  @Test
  void sizesRoundUp() {
    assertEquals(1, BloomFilter.lineCount(0, 10));
    assertEquals(1, BloomFilter.lineCount(51, 10));
    assertEquals(2, BloomFilter.lineCount(52, 10));
    assertEquals(0, BloomFilter.partCount(0));
    assertEquals(1, BloomFilter.partCount(BloomFilter.LINES_PER_PART));
    assertEquals(2, BloomFilter.partCount(BloomFilter.LINES_PER_PART + 1));
    assertEquals(7, BloomFilter.probeCount(10));
    assertEquals(1, BloomFilter.probeCount(1));
    assertEquals(BloomFilter.MAX_PROBES, BloomFilter.probeCount(64));
  }
}
