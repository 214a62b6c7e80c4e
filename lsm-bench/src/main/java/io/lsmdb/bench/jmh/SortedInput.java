package io.lsmdb.bench.jmh;

import io.lsmdb.bench.Workload;
import io.lsmdb.internal.iterator.InternalIterator;
import java.util.Arrays;

/**
 * A cursor over sorted keys in one array, as cheap as a cursor can be. Not thread-safe.
 *
 * <p>Goes forward only.
 */
final class SortedInput extends InternalIterator {
  private final byte[] keys;

  /** Keys of the numbers from a first one, each so many after the last. */
  SortedInput(int first, int step, int count) {
    byte[][] sorted = new byte[count][];
    for (int i = 0; i < count; i++) {
      sorted[i] = Workload.key(first + (long) i * step);
    }
    Arrays.sort(sorted, Arrays::compareUnsigned);
    keys = new byte[count * Workload.KEY_BYTES];
    for (int i = 0; i < count; i++) {
      System.arraycopy(sorted[i], 0, keys, i * Workload.KEY_BYTES, Workload.KEY_BYTES);
    }
    keyArray = keys;
    keyLength = Workload.KEY_BYTES;
  }

  @Override
  public void seekToFirst() {
    keyOffset = 0;
    valid = keys.length > 0;
  }

  @Override
  public void next() {
    keyOffset += Workload.KEY_BYTES;
    valid = keyOffset < keys.length;
  }

  @Override
  public void seekToLast() {
    throw forwardOnly();
  }

  @Override
  public void seek(byte[] key, int offset, int length, long searchTrailer) {
    throw forwardOnly();
  }

  @Override
  public void seekBefore(byte[] key, int offset, int length, long searchTrailer) {
    throw forwardOnly();
  }

  @Override
  public void prev() {
    throw forwardOnly();
  }

  private static UnsupportedOperationException forwardOnly() {
    return new UnsupportedOperationException("goes forward only");
  }
}
