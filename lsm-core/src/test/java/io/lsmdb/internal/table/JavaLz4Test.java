package io.lsmdb.internal.table;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.testing.Seed;
import java.nio.BufferOverflowException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import net.jpountz.lz4.LZ4Compressor;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4SafeDecompressor;
import org.junit.jupiter.api.Test;

/**
 * The codec in Java: it and the library read each other's output, and damaged input gets the answer
 * of a decoder that works byte by byte. Input and output stand between guard bytes, which must stay
 * as they are and must not matter.
 */
class JavaLz4Test {
  private static final LZ4Compressor LIBRARY_COMPRESSOR =
      LZ4Factory.safeInstance().fastCompressor();
  private static final LZ4SafeDecompressor LIBRARY_DECOMPRESSOR =
      LZ4Factory.safeInstance().safeDecompressor();
  private static final int GUARD = 40;
  private static final int SHAPES = 9;

  private final JavaLz4Compressor compressor = new JavaLz4Compressor();

  @Test
  void everyShortLengthOfEveryShapeComesBack() {
    Random random = new Random(1);
    for (int shape = 0; shape < SHAPES; shape++) {
      for (int length = 0; length <= 400; length++) {
        roundTrip(shape(random, shape, length));
      }
    }
  }

  @Test
  void blocksAroundTheSegmentSizeComeBack() {
    Random random = new Random(2);
    for (int shape = 0; shape < SHAPES; shape++) {
      for (int length : new int[] {4096, 65_535, 65_536, 65_537, 65_549, 131_085, 300_000}) {
        roundTrip(shape(random, shape, length));
      }
    }
  }

  @Test
  void oneCompressorServesBlocksOfAllSizesInTurn() {
    Seed.check(
        20,
        seed -> {
          Random random = new Random(seed);
          for (int i = 0; i < 60; i++) {
            roundTrip(shape(random, random.nextInt(SHAPES), random.nextInt(20_000)));
          }
        });
  }

  @Test
  void textAndZerosShrinkAndRandomBytesStayWithinTheBound() {
    assertTrue(compress(new byte[100_000]).length < 500);
    byte[] text = "a key and a value, again and again; ".repeat(500).getBytes(UTF_8);
    assertTrue(compress(text).length < text.length / 50);
    byte[] noise = Tables.bytes(new Random(3), 100_000);
    assertTrue(compress(noise).length <= 100_000 + 100_000 / 255 + 16);
  }

  @Test
  void compressesAboutAsWellAsTheLibrary() {
    Random random = new Random(4);
    for (int shape = 0; shape < SHAPES; shape++) {
      byte[] content = shape(random, shape, 16_384);
      int theirs = LIBRARY_COMPRESSOR.compress(content).length;
      assertTrue(compress(content).length <= theirs + theirs / 25 + 10, "shape " + shape);
    }
  }

  @Test
  void aTargetWithoutRoomIsRefusedBeforeAnythingIsWritten() {
    byte[] target = new byte[JavaLz4Compressor.bound(1000) - 1];
    assertThrows(
        IllegalArgumentException.class, () -> compressor.compress(new byte[1000], 1000, target));
    assertThrows(
        IllegalArgumentException.class,
        () -> compressor.compress(new byte[10], 11, new byte[1000]));
    assertArrayEquals(new byte[target.length], target);
  }

  @Test
  void rangesOutsideOfTheArraysAreAProgrammersError() {
    byte[] ten = new byte[10];
    assertThrows(
        IndexOutOfBoundsException.class, () -> JavaLz4Decompressor.decompress(ten, 5, 6, ten, 10));
    assertThrows(
        IndexOutOfBoundsException.class, () -> JavaLz4Decompressor.decompress(ten, -1, 6, ten, 10));
    assertThrows(
        IndexOutOfBoundsException.class,
        () -> JavaLz4Decompressor.decompress(ten, Integer.MAX_VALUE, 6, ten, 10));
    assertThrows(
        IndexOutOfBoundsException.class, () -> JavaLz4Decompressor.decompress(ten, 0, 10, ten, 11));
  }

  @Test
  void everyTruncationAndEveryOtherExpectedSizeIsRefused() {
    Random random = new Random(5);
    for (int shape = 0; shape < SHAPES; shape++) {
      byte[] content = shape(random, shape, 700);
      byte[] packed = compress(content);
      for (int length = 0; length < packed.length; length++) {
        assertFalse(decode(packed, length, content.length));
      }
      for (int expected = 0; expected < 800; expected++) {
        assertEquals(expected == 700, decode(packed, packed.length, expected));
      }
    }
  }

  @Test
  void everyFlippedBitIsAnsweredAsByAPlainDecoder() {
    Random random = new Random(6);
    for (int shape = 0; shape < SHAPES; shape++) {
      byte[] packed = compress(shape(random, shape, 500));
      for (int bit = 0; bit < 8 * packed.length; bit++) {
        byte[] damaged = packed.clone();
        damaged[bit / 8] ^= (byte) (1 << bit % 8);
        sameAnswer(damaged, 500);
      }
    }
  }

  @Test
  void mutatedBlocksAreAnsweredAsByAPlainDecoder() {
    Seed.check(
        20,
        seed -> {
          Random random = new Random(seed);
          for (int i = 0; i < 6_000; i++) {
            int size = random.nextInt(300);
            byte[] packed = compress(shape(random, random.nextInt(SHAPES), size));
            sameAnswer(mutate(random, packed), size + random.nextInt(3) - random.nextInt(2));
          }
        });
  }

  @Test
  void lengthsThatOverflowAreRefused() {
    byte[] endless = new byte[9 << 20];
    Arrays.fill(endless, (byte) 0xFF);
    byte[] to = new byte[1000];
    assertFalse(JavaLz4Decompressor.decompress(endless, 0, endless.length, to, 1000));
    endless[0] = 0x1F; // one literal, then a match of endless length at distance 1
    endless[2] = 1;
    endless[3] = 0;
    assertFalse(JavaLz4Decompressor.decompress(endless, 0, endless.length, to, 1000));
    assertFalse(
        JavaLz4Decompressor.decompress(endless, 0, endless.length, endless, endless.length));
  }

  private void roundTrip(byte[] content) {
    byte[] ours = compress(content);
    byte[] theirs = LIBRARY_COMPRESSOR.compress(content);
    for (byte[] packed : new byte[][] {ours, theirs}) {
      byte[] decoded = new byte[content.length];
      assertTrue(JavaLz4Decompressor.decompress(packed, 0, packed.length, decoded, content.length));
      assertArrayEquals(content, decoded);
      assertTrue(decode(packed, packed.length, content.length));
      assertArrayEquals(content, LIBRARY_DECOMPRESSOR.decompress(packed, content.length));
    }
  }

  /** Compresses an array that goes on, and checks that the result fits its bound exactly. */
  private byte[] compress(byte[] content) {
    byte[] longer = Arrays.copyOf(content, content.length + GUARD);
    Arrays.fill(longer, content.length, longer.length, (byte) 0x5A);
    byte[] target = new byte[JavaLz4Compressor.bound(content.length)];
    byte[] packed = Arrays.copyOf(target, compressor.compress(longer, content.length, target));
    System.arraycopy(target, 0, packed, 0, packed.length);
    Arrays.fill(longer, content.length, longer.length, content.length == 0 ? 0 : content[0]);
    int again = compressor.compress(longer, content.length, target);
    assertArrayEquals(packed, Arrays.copyOf(target, again), "depends on what follows the input");
    return packed;
  }

  private static void sameAnswer(byte[] packed, int expected) {
    int size = Math.max(0, expected);
    byte[] plain = plainDecode(packed, size);
    assertEquals(plain != null, decode(packed, packed.length, size));
    if (plain != null) {
      byte[] ours = new byte[size];
      assertTrue(JavaLz4Decompressor.decompress(packed, 0, packed.length, ours, size));
      assertArrayEquals(plain, ours);
    }
  }

  /** The format byte by byte, as its description puts it; null for damaged input. */
  private static byte[] plainDecode(byte[] packed, int size) {
    ByteBuffer from = ByteBuffer.wrap(packed);
    ByteBuffer to = ByteBuffer.allocate(size);
    try {
      while (true) {
        int token = from.get() & 0xFF;
        for (int left = plainLength(token >>> 4, from); left > 0; left--) {
          to.put(from.get());
        }
        if (!from.hasRemaining()) {
          return to.hasRemaining() ? null : to.array();
        }
        int distance = from.get() & 0xFF | (from.get() & 0xFF) << 8;
        if (distance == 0 || distance > to.position()) {
          return null;
        }
        for (int left = 4 + plainLength(token & 15, from); left > 0; left--) {
          to.put(to.get(to.position() - distance));
        }
      }
    } catch (BufferUnderflowException | BufferOverflowException e) {
      return null;
    }
  }

  private static int plainLength(int four, ByteBuffer from) {
    int length = four;
    int more = four == 15 ? 255 : 0;
    while (more == 255) {
      more = from.get() & 0xFF;
      length += more;
    }
    return length;
  }

  /** Decodes between guards of two kinds; the answer must be the same, and the guards intact. */
  private static boolean decode(byte[] packed, int length, int expected) {
    Boolean answer = null;
    byte[] first = null;
    for (byte guard : new byte[] {0, (byte) 0xF1}) {
      byte[] from = new byte[length + 2 * GUARD];
      Arrays.fill(from, guard);
      System.arraycopy(packed, 0, from, GUARD, length);
      byte[] to = new byte[expected + GUARD];
      Arrays.fill(to, guard);
      boolean valid = JavaLz4Decompressor.decompress(from, GUARD, length, to, expected);
      for (int i = expected; i < to.length; i++) {
        assertEquals(guard, to[i], "written beyond the end");
      }
      byte[] content = Arrays.copyOf(to, expected);
      if (answer == null) {
        answer = valid;
        first = content;
      } else {
        assertEquals(answer, valid, "depends on bytes around the input");
        if (valid) {
          assertArrayEquals(first, content, "depends on bytes around the input");
        }
      }
    }
    return answer;
  }

  private static byte[] mutate(Random random, byte[] packed) {
    byte[] result = packed.clone();
    for (int n = 1 + random.nextInt(3); n > 0 && result.length > 0; n--) {
      int at = random.nextInt(result.length);
      switch (random.nextInt(5)) {
        case 0 -> result[at] = (byte) random.nextInt();
        case 1 -> result[at] = (byte) 0xFF;
        case 2 -> result[at] = 0;
        case 3 -> result = Arrays.copyOf(result, at);
        default -> {
          byte[] longer = Arrays.copyOf(result, result.length + 1 + random.nextInt(20));
          System.arraycopy(
              result, at, longer, longer.length - (result.length - at), result.length - at);
          result = longer;
        }
      }
    }
    return result;
  }

  private static byte[] shape(Random random, int shape, int length) {
    byte[] result = new byte[length];
    int period = 1 + random.nextInt(40);
    for (int i = 0; i < length; i++) {
      result[i] =
          switch (shape) {
            case 0 -> 0;
            case 1 -> (byte) random.nextInt();
            case 2 -> (byte) (i % period);
            case 3 -> (byte) (i % 100 < 50 ? random.nextInt() : 0);
            case 4 -> (byte) (i % 3 == 0 ? random.nextInt() : i / 7);
            case 5 -> (byte) "the quick brown fox ".charAt(i / (1 + i % 3) % 20);
            case 6 -> (byte) random.nextInt(2);
            case 7 -> (byte) (i < length / 2 ? random.nextInt() : result[i - length / 2]);
            default -> (byte) (random.nextInt(20) == 0 ? random.nextInt() : i % period);
          };
    }
    return result;
  }
}
