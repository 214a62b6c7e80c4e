package io.lsmdb.internal.table;

import io.lsmdb.internal.base.Bytes;
import java.util.Arrays;

/**
 * Decompresses the LZ4 block format in plain Java.
 *
 * <p>Stateless. Written from the public description of the format (LZ4 Block Format Description, in
 * the documentation of the LZ4 project).
 *
 * <ol>
 *   <li>Whatever the input is: nothing outside of its range is read, nothing outside of the
 *       expected output's is written, and the answer is true or false, never an exception.
 *   <li>True means that the input was used up and gave exactly as many bytes as expected.
 * </ol>
 */
final class JavaLz4Decompressor {
  /*
   * Copies go eight bytes at a time and may write up to 23 bytes beyond what was asked for, as long
   * as that is within the expected output: later sequences overwrite it. Short sequences away from
   * the ends take a path with one check of the room left for all of their copies. Lengths are only
   * ever compared with differences of positions, which cannot overflow.
   */

  private static final int MIN_MATCH = 4;
  private static final int FULL = 15; // a length of four bits that goes on
  private static final int MAX_LOOPED_COPY = 128;

  /** What the short path may read: literals in two words, then a distance. */
  private static final int SHORT_INPUT = 2 * Long.BYTES + 2;

  /** What the short path may write: literals in two words, then a match in three. */
  private static final int SHORT_OUTPUT = 5 * Long.BYTES;

  private JavaLz4Decompressor() {}

  /**
   * Decompresses.
   *
   * @param from the input, which may be hostile
   * @param offset where it starts
   * @param length its length in bytes
   * @param to filled from its start
   * @param expected how many bytes must come out
   * @return false if the input is damaged or yields another number of bytes
   */
  static boolean decompress(byte[] from, int offset, int length, byte[] to, int expected) {
    if (offset < 0 || length < 0 || length > from.length - offset) {
      throw new IndexOutOfBoundsException("input");
    }
    if (expected < 0 || expected > to.length) {
      throw new IndexOutOfBoundsException("output");
    }
    int p = offset;
    int end = offset + length;
    int lastShortInput = end - SHORT_INPUT;
    int lastShortOutput = expected - SHORT_OUTPUT;
    int out = 0;
    while (p < end) {
      int token = from[p++] & 0xFF;
      int literals = token >>> 4;
      int more = token & FULL;
      if (literals < FULL && p <= lastShortInput && out <= lastShortOutput) {
        Bytes.putLong(to, out, Bytes.getLong(from, p));
        Bytes.putLong(to, out + 8, Bytes.getLong(from, p + 8));
        p += literals;
        out += literals;
        int distance = Bytes.getShort(from, p);
        if (more < FULL && distance >= Long.BYTES && distance <= out) {
          int match = out - distance;
          Bytes.putLong(to, out, Bytes.getLong(to, match));
          Bytes.putLong(to, out + 8, Bytes.getLong(to, match + 8));
          Bytes.putLong(to, out + 16, Bytes.getLong(to, match + 16));
          p += 2;
          out += MIN_MATCH + more;
          continue;
        }
      } else {
        if (literals == FULL) {
          literals = longLength(from, p, end);
          p += restBytes(literals);
        }
        if (literals < 0 || literals > end - p || literals > expected - out) {
          return false;
        }
        copyLiterals(from, p, end, to, out, expected, literals);
        p += literals;
        out += literals;
        if (p == end) {
          return out == expected;
        }
      }
      if (end - p < 2) {
        return false;
      }
      int distance = Bytes.getShort(from, p);
      p += 2;
      if (more == FULL) {
        more = longLength(from, p, end);
        p += restBytes(more);
      }
      if (distance == 0 || distance > out || more < 0 || more > expected - out - MIN_MATCH) {
        return false;
      }
      copyMatch(to, out, expected, distance, MIN_MATCH + more);
      out += MIN_MATCH + more;
    }
    return false;
  }

  /** The length that goes on at a position; negative if it does not end or is too large. */
  private static int longLength(byte[] from, int at, int end) {
    int length = FULL;
    for (int p = at; p < end && length >= 0; p++) {
      int b = from[p] & 0xFF;
      length += b;
      if (b != 255) {
        return length;
      }
    }
    return -1;
  }

  /** How many bytes the rest of a long length takes. */
  private static int restBytes(int length) {
    return (length - FULL) / 255 + 1;
  }

  /** Copies literals; their lengths have been checked. */
  private static void copyLiterals(
      byte[] from, int at, int end, byte[] to, int out, int limit, int literals) {
    if (literals <= MAX_LOOPED_COPY
        && literals <= end - at - 2 * Long.BYTES
        && literals <= limit - out - 2 * Long.BYTES) {
      for (int i = 0; i < literals; i += 2 * Long.BYTES) {
        Bytes.putLong(to, out + i, Bytes.getLong(from, at + i));
        Bytes.putLong(to, out + i + 8, Bytes.getLong(from, at + i + 8));
      }
    } else {
      System.arraycopy(from, at, to, out, literals);
    }
  }

  /**
   * Copies a match that may overlap itself; its lengths have been checked.
   *
   * <p>A match at a distance below eight repeats a pattern of so many bytes. After its first eight
   * bytes, the same bytes stand a multiple of the distance before, which is eight or more.
   */
  private static void copyMatch(byte[] to, int out, int limit, int distance, int length) {
    int match = out - distance;
    int end = out + length;
    if (length > limit - out - 2 * Long.BYTES) {
      for (int i = 0; i < length; i++) {
        to[out + i] = to[match + i];
      }
      return;
    }
    if (distance == 1) {
      Arrays.fill(to, out, end, to[match]);
      return;
    }
    int at = out;
    if (distance < Long.BYTES) {
      for (int i = 0; i < Long.BYTES; i++) {
        to[at + i] = to[match + i];
      }
      at += Long.BYTES;
      match = at - distance * ((distance + 7) / distance);
    }
    for (; at < end; at += Long.BYTES, match += Long.BYTES) {
      Bytes.putLong(to, at, Bytes.getLong(to, match));
    }
  }
}
