package io.lsmdb.internal.table;

import io.lsmdb.internal.base.Bytes;
import java.util.Arrays;

/**
 * Compresses to the LZ4 block format in plain Java.
 *
 * <p>Not thread-safe; owned by whoever made it, reused from block to block. Written from the public
 * description of the format (LZ4 Block Format Description, in the documentation of the LZ4
 * project).
 *
 * <ol>
 *   <li>Never needs more than {@link #bound} bytes, and refuses a smaller target before it begins.
 *   <li>Reads and writes nothing outside of the input's and the target's ranges.
 * </ol>
 */
final class JavaLz4Compressor {
  /*
   * The format is a row of sequences: a token with two lengths of four bits, longer ones going on in
   * bytes of 255 and a rest, then literals, then the distance of a match of at least four bytes. The
   * last sequence has literals only; the last five bytes are literals, and no match begins in the
   * last twelve.
   *
   * The search is greedy: a table from a hash of four bytes to where they were last seen, and steps
   * that grow where nothing is found. What makes it fast in Java:
   *
   * - The table holds offsets of 16 bits within a segment of 64 KiB and is zeroed for each. So every
   *   candidate is in reach without a check, and an empty slot is a candidate like any other: the
   *   comparison of the four bytes fails, which the processor predicts well. (A table that is never
   *   zeroed, with a check that its candidates are of this block, took twice as long: whether a slot
   *   was filled is a toss-up.)
   * - Most positions are literals. While the step is one, four positions are tried from one load of
   *   eight bytes.
   *
   * Why the target never overflows: a sequence of L literals and a match of M bytes takes
   * 3 + L + ext(L) + ext(M - 4) bytes, with ext(n) at most n / 255 + 1, and 4 + ext(M - 4) is at most
   * M for M from 4 on. So what precedes a position p takes at most p + p / 255 bytes, and then the
   * token and literals up to q at most q + q / 255 + 2. Literals are copied eight bytes at a time,
   * which reaches up to seven bytes further: within the bound, and within the input, since literals
   * before a match end twelve bytes before its end.
   */

  private static final int MIN_MATCH = 4;
  private static final int LAST_LITERALS = 5;
  private static final int MATCH_MARGIN = 12; // no match begins closer to the end
  private static final int SEGMENT_BYTES = 1 << 16;
  private static final int TABLE_BITS = 12;
  private static final int STEP_SHIFT = 6; // the step grows after so many tries, as a power of two
  private static final int FULL = 15; // a length of four bits that goes on
  private static final int MAX_LOOPED_COPY = 128;

  private final char[] table = new char[1 << TABLE_BITS];

  // Where the segments stand with input and output; locals while a segment lasts.
  private int anchor; // first literal that is not written yet
  private int written;

  /** The most bytes that compressing so many can take. */
  static int bound(int length) {
    return Math.addExact(length, length / 255 + 16);
  }

  public int compress(byte[] from, int length, byte[] to) {
    if (length < 0 || length > from.length || to.length < bound(length)) {
      throw new IllegalArgumentException("not enough room for " + length + " bytes");
    }
    anchor = 0;
    written = 0;
    for (int start = 0; start <= length - MATCH_MARGIN - 1; start += SEGMENT_BYTES) {
      compressSegment(from, start, length, to);
    }
    int literals = length - anchor;
    int out = putLengths(literals, 0, to, written);
    System.arraycopy(from, anchor, to, out, literals);
    return out + literals;
  }

  /** Writes sequences for matches within a segment; they may go on into the next one. */
  private void compressSegment(byte[] from, int start, int length, byte[] to) {
    char[] t = table;
    Arrays.fill(t, (char) 0);
    int last = Math.min(length - MATCH_MARGIN, start + SEGMENT_BYTES - 1);
    int matchEnd = length - LAST_LITERALS;
    int literal = anchor;
    int out = written;
    int at = Math.max(start, literal) + 1;
    while (true) {
      long found = find(from, start, at, last);
      if (found < 0) {
        break;
      }
      at = (int) (found >>> 32);
      int match = (int) found;
      while (at > literal && match > start && from[at - 1] == from[match - 1]) {
        at--;
        match--;
      }
      boolean another;
      do {
        int more = common(from, match + MIN_MATCH, at + MIN_MATCH, matchEnd);
        out = putSequence(from, literal, at - literal, to, out, at - match, more);
        at += MIN_MATCH + more;
        literal = at;
        another = false;
        if (at <= last) {
          int before = Bytes.getInt(from, at - 2);
          t[slot(before, t.length)] = (char) (at - 2 - start);
          int bytes = Bytes.getInt(from, at);
          int slot = slot(bytes, t.length);
          match = start + t[slot];
          t[slot] = (char) (at - start);
          another = Bytes.getInt(from, match) == bytes;
        }
      } while (another);
      at++;
    }
    anchor = literal;
    written = out;
  }

  /**
   * Searches for four bytes that were seen before in the segment.
   *
   * @return where they stand, and in the lower half where they were seen; -1 if there are none
   */
  private long find(byte[] from, int start, int first, int last) {
    char[] t = table;
    int at = first;
    int unrolled = Math.min(first + (1 << STEP_SHIFT), last - 3);
    for (; at <= unrolled; at += 4) {
      long eight = Bytes.getLong(from, at);
      for (int i = 0; i < 4; i++) {
        int bytes = (int) (eight >>> (8 * i));
        int slot = slot(bytes, t.length);
        int match = start + t[slot];
        t[slot] = (char) (at + i - start);
        if (Bytes.getInt(from, match) == bytes) {
          return (long) (at + i) << 32 | match;
        }
      }
    }
    for (int tries = 2 << STEP_SHIFT; at <= last; at += tries++ >>> STEP_SHIFT) {
      int bytes = Bytes.getInt(from, at);
      int slot = slot(bytes, t.length);
      int match = start + t[slot];
      t[slot] = (char) (at - start);
      if (Bytes.getInt(from, match) == bytes) {
        return (long) at << 32 | match;
      }
    }
    return -1;
  }

  /** The slot of four bytes; the mask tells the JIT that it lies within the table. */
  private static int slot(int bytes, int slots) {
    return (bytes * 0x9E3779B1) >>> (Integer.SIZE - TABLE_BITS) & (slots - 1);
  }

  /** How many bytes are the same at two places, the second one ending at a limit. */
  private static int common(byte[] from, int earlier, int later, int limit) {
    int a = earlier;
    int b = later;
    for (; b <= limit - Long.BYTES; a += Long.BYTES, b += Long.BYTES) {
      long difference = Bytes.getLong(from, a) ^ Bytes.getLong(from, b);
      if (difference != 0) {
        return b - later + (Long.numberOfTrailingZeros(difference) >>> 3);
      }
    }
    while (b < limit && from[a] == from[b]) {
      a++;
      b++;
    }
    return b - later;
  }

  /** Writes one sequence with a match of four bytes and some more; returns its end. */
  private static int putSequence(
      byte[] from, int first, int literals, byte[] to, int at, int distance, int more) {
    int out = putLengths(literals, more, to, at);
    if (literals <= MAX_LOOPED_COPY) {
      for (int i = 0; i < literals; i += Long.BYTES) {
        Bytes.putLong(to, out + i, Bytes.getLong(from, first + i));
      }
    } else {
      System.arraycopy(from, first, to, out, literals);
    }
    out += literals;
    Bytes.putShort(to, out, distance);
    out += 2;
    return more < FULL ? out : putRest(more - FULL, to, out);
  }

  /** Writes a token and the rest of the number of literals; returns their end. */
  private static int putLengths(int literals, int more, byte[] to, int at) {
    to[at] = (byte) (Math.min(literals, FULL) << 4 | Math.min(more, FULL));
    return literals < FULL ? at + 1 : putRest(literals - FULL, to, at + 1);
  }

  private static int putRest(int rest, byte[] to, int at) {
    int left = rest;
    int out = at;
    for (; left >= 255; left -= 255) {
      to[out++] = (byte) 255;
    }
    to[out] = (byte) left;
    return out + 1;
  }
}
