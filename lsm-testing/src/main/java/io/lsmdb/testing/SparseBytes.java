package io.lsmdb.testing;

import java.util.Arrays;
import java.util.BitSet;

/**
 * A growing array of bytes whose copies share what they have in common.
 *
 * <p>Not thread-safe.
 *
 * <ol>
 *   <li>A chunk that was never written, or only with zeros, is null.
 *   <li>Bytes of chunks beyond the length are zero.
 *   <li>A chunk is changed in place only where {@code owned} has its bit; it is copied first
 *       otherwise. Copying the whole clears the bits on both sides.
 * </ol>
 */
final class SparseBytes {
  private static final int CHUNK_BYTES = 16 * 1024;
  private static final byte[] ZEROS = new byte[CHUNK_BYTES];

  private byte[][] chunks = {};
  private BitSet owned = new BitSet();
  private long length;

  SparseBytes copy() {
    SparseBytes copy = new SparseBytes();
    copy.chunks = chunks.clone();
    copy.length = length;
    owned.clear();
    return copy;
  }

  long length() {
    return length;
  }

  /** Cuts, or extends by zeros. */
  void setLength(long newLength) {
    if (newLength < length) {
      fillZeros(newLength, length - newLength);
      chunks = Arrays.copyOf(chunks, Math.min(chunks.length, chunkCount(newLength)));
      owned.clear(chunks.length, Math.max(chunks.length, owned.length()));
    }
    length = newLength;
  }

  /** Writes, extending the length where needed. */
  void write(long position, byte[] bytes, int offset, int count) {
    int done = 0;
    while (done < count) {
      int index = Math.toIntExact((position + done) / CHUNK_BYTES);
      int start = (int) ((position + done) % CHUNK_BYTES);
      int step = Math.min(count - done, CHUNK_BYTES - start);
      if (at(index) != null || !isZero(bytes, offset + done, step)) {
        System.arraycopy(bytes, offset + done, writable(index), start, step);
      }
      done += step;
    }
    length = Math.max(length, position + count);
  }

  /** Writes zeros, extending the length where needed. */
  void fillZeros(long position, long count) {
    long done = 0;
    while (done < count) {
      int index = Math.toIntExact((position + done) / CHUNK_BYTES);
      int start = (int) ((position + done) % CHUNK_BYTES);
      int step = (int) Math.min(count - done, CHUNK_BYTES - start);
      if (step == CHUNK_BYTES && index < chunks.length) {
        chunks[index] = null;
      } else if (at(index) != null) {
        Arrays.fill(writable(index), start, start + step, (byte) 0);
      }
      done += step;
    }
    length = Math.max(length, position + count);
  }

  /** Reads up to the length, and returns how many bytes these were. */
  int read(long position, byte[] to, int offset, int wanted) {
    int count = (int) Math.max(0, Math.min(wanted, length - position));
    int done = 0;
    while (done < count) {
      byte[] chunk = at(Math.toIntExact((position + done) / CHUNK_BYTES));
      int start = (int) ((position + done) % CHUNK_BYTES);
      int step = Math.min(count - done, CHUNK_BYTES - start);
      System.arraycopy(chunk == null ? ZEROS : chunk, start, to, offset + done, step);
      done += step;
    }
    return count;
  }

  static boolean isZero(byte[] bytes, int offset, int count) {
    for (int done = 0; done < count; done += CHUNK_BYTES) {
      int step = Math.min(count - done, CHUNK_BYTES);
      if (!Arrays.equals(bytes, offset + done, offset + done + step, ZEROS, 0, step)) {
        return false;
      }
    }
    return true;
  }

  private byte[] at(int index) {
    return index < chunks.length ? chunks[index] : null;
  }

  private byte[] writable(int index) {
    if (index >= chunks.length) {
      chunks = Arrays.copyOf(chunks, Math.max(index + 1, chunks.length * 2));
    }
    if (chunks[index] == null) {
      chunks[index] = new byte[CHUNK_BYTES];
    } else if (!owned.get(index)) {
      chunks[index] = chunks[index].clone();
    }
    owned.set(index);
    return chunks[index];
  }

  private static int chunkCount(long length) {
    return Math.toIntExact((length + CHUNK_BYTES - 1) / CHUNK_BYTES);
  }
}
