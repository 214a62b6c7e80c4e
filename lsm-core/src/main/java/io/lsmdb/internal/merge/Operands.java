package io.lsmdb.internal.merge;

import io.lsmdb.CorruptionException;
import io.lsmdb.MergeInput;
import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.base.ValueKind;
import io.lsmdb.internal.key.Expiry;
import io.lsmdb.internal.key.InternalKey;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * The operands of one key, gathered from its newest version downwards until a version settles what
 * lies below them.
 *
 * <p>Not thread-safe; reused by {@link #start}. Invariants:
 *
 * <ol>
 *   <li>Versions are taken in falling order of their sequences, each at or below {@link #below()}.
 *   <li>Once a put or a tombstone was taken the operands are {@linkplain #isSettled settled}, and
 *       nothing more is taken.
 *   <li>Bytes that are taken by reference are the giver's, which keeps them until the fold; copied
 *       ones belong to this object.
 * </ol>
 */
public final class Operands implements MergeInput {
  /** The longest copy that goes into the common buffer; longer ones are arrays of their own. */
  private static final int MAX_BUFFERED = 4096;

  private byte[] keyArray = Bytes.EMPTY;
  private int keyOffset;
  private int keyLength;

  // Newest first. An array of null means the buffer, which moves as it grows.
  private byte[][] arrays = new byte[8][];
  private int[] offsets = new int[8];
  private int[] lengths = new int[8];
  private int count;
  private long bytes; // of all

  private byte[] buffer = Bytes.EMPTY;
  private int buffered;

  private long newest;
  private long below;
  private boolean settled;
  private boolean hasBase;

  private long now = Expiry.BEFORE_ALL;
  private boolean leftOut;
  private long latestLeftOut = Expiry.BEFORE_ALL;

  /** Creates an empty set. */
  public Operands() {}

  /**
   * Forgets everything, and begins with a key.
   *
   * @param key holds the user key, which must stay as it is until the fold
   * @param offset where it starts
   * @param length its length in bytes
   */
  public void start(byte[] key, int offset, int length) {
    keyArray = key;
    keyOffset = offset;
    keyLength = length;
    Arrays.fill(arrays, 0, count, null);
    count = 0;
    bytes = 0;
    buffered = 0;
    below = InternalKey.MAX_SEQUENCE;
    settled = false;
    hasBase = false;
    leftOut = false;
  }

  /**
   * Sets the time by which parts of values expire, for all keys from now on; at first nothing does.
   *
   * @param time ms
   */
  public void judgeAt(long time) {
    now = time;
  }

  /**
   * Whether the operator was told that a part has expired, and so has left it out.
   *
   * @return for the key begun last
   */
  public boolean hasLeftOut() {
    return leftOut;
  }

  /**
   * The latest expiry of a part that the operator was told to leave out, of all keys so far.
   *
   * @return {@link Expiry#BEFORE_ALL} if there was none
   */
  public long latestLeftOut() {
    return latestLeftOut;
  }

  /**
   * Takes the next older version by reference; one that has expired as a tombstone.
   *
   * @param trailer its sequence and kind
   * @param value holds its stored value
   * @param offset where that starts
   * @param length its length in bytes
   * @throws CorruptionException if it is not well-formed
   */
  public void take(long trailer, byte[] value, int offset, int length) {
    int kind = InternalKey.kind(trailer);
    long sequence = InternalKey.sequence(trailer);
    if (kind == ValueKind.MERGE) {
      long lower = StoredOperand.below(sequence, value, offset, length);
      int spanBytes = StoredOperand.spanBytes(value, offset, length);
      takeOperand(sequence, sequence - lower, value, offset + spanBytes, length - spanBytes);
    } else {
      settled = true;
      hasBase = !ValueKind.isTombstone(kind);
      if (hasBase) {
        int prefix = kind == ValueKind.PUT_EXPIRING ? Expiry.BYTES : 0;
        push(value, offset + prefix, length - prefix);
      }
    }
  }

  /**
   * Takes an operand that is in no store yet, and stands for its own sequence alone, by reference.
   *
   * @param sequence above those of all versions that follow
   * @param operand holds it
   * @param offset where it starts
   * @param length its length in bytes
   */
  public void takeNew(long sequence, byte[] operand, int offset, int length) {
    takeOperand(sequence, 1, operand, offset, length);
  }

  private void takeOperand(long sequence, long span, byte[] operand, int offset, int length) {
    if (count == 0) {
      newest = sequence;
    }
    below = sequence - span;
    push(operand, offset, length);
  }

  /** Takes the next older version as {@link #take}, and copies its bytes. */
  public void takeCopy(long trailer, byte[] value, int offset, int length) {
    int before = count;
    take(trailer, value, offset, length);
    if (count > before) {
      copyIn(before);
    }
  }

  /**
   * Operands that are in no store yet.
   *
   * @param key the user key
   * @param base the older value, null if there is none
   * @param newestFirst the operands, which are kept
   * @return settled
   */
  public static Operands of(byte[] key, byte[] base, List<byte[]> newestFirst) {
    Operands operands = new Operands();
    operands.start(key, 0, key.length);
    for (byte[] operand : newestFirst) {
      operands.push(operand, 0, operand.length);
    }
    if (base != null) {
      operands.push(base, 0, base.length);
      operands.hasBase = true;
    }
    operands.settle();
    return operands;
  }

  private void push(byte[] value, int offset, int length) {
    if (count == offsets.length) {
      arrays = Arrays.copyOf(arrays, 2 * count);
      offsets = Arrays.copyOf(offsets, 2 * count);
      lengths = Arrays.copyOf(lengths, 2 * count);
    }
    arrays[count] = value;
    offsets[count] = offset;
    lengths[count++] = length;
    bytes += length;
  }

  private void copyIn(int index) {
    int length = lengths[index];
    if (length > MAX_BUFFERED || buffered > Integer.MAX_VALUE / 4) {
      arrays[index] = Arrays.copyOfRange(arrays[index], offsets[index], offsets[index] + length);
      offsets[index] = 0;
      return;
    }
    if (buffer.length - buffered < length) {
      buffer = Arrays.copyOf(buffer, Math.max(256, Math.max(2 * buffer.length, buffered + length)));
    }
    System.arraycopy(arrays[index], offsets[index], buffer, buffered, length);
    arrays[index] = null;
    offsets[index] = buffered;
    buffered += length;
  }

  /** Says that there is no older version. */
  public void settle() {
    settled = true;
  }

  /**
   * Whether the value can be computed: a put, a tombstone or the end of all versions was met.
   *
   * @return false while an older version may have a say
   */
  public boolean isSettled() {
    return settled;
  }

  /**
   * The largest sequence that the versions taken so far do not stand for.
   *
   * @return where to go on; 0 when nothing can be older
   */
  public long below() {
    return below;
  }

  /**
   * How long all elements are together.
   *
   * @return in bytes
   */
  public long bytes() {
    return bytes;
  }

  /** The sequences that the operands stand for together. */
  long span() {
    return newest - below;
  }

  @Override
  public byte[] key() {
    return Arrays.copyOfRange(keyArray, keyOffset, keyOffset + keyLength);
  }

  @Override
  public boolean hasBase() {
    return hasBase;
  }

  @Override
  public int size() {
    return count;
  }

  @Override
  public int length(int element) {
    return lengths[index(element)];
  }

  @Override
  public ByteBuffer view(int element) {
    int index = index(element);
    return ByteBuffer.wrap(array(index), offsets[index], lengths[index]).slice().asReadOnlyBuffer();
  }

  @Override
  public void copy(int element, byte[] into, int at) {
    int index = index(element);
    System.arraycopy(array(index), offsets[index], into, at, lengths[index]);
  }

  @Override
  public long getLong(int element, int at) {
    int index = index(element);
    Objects.checkFromIndexSize(at, Long.BYTES, lengths[index]);
    return Bytes.prefix(array(index), offsets[index] + at, Long.BYTES);
  }

  @Override
  public boolean isExpired(long expiresAt) {
    boolean expired = expiresAt <= now;
    if (expired) {
      leftOut = true;
      latestLeftOut = Math.max(latestLeftOut, expiresAt);
    }
    return expired;
  }

  private int index(int element) {
    return count - 1 - Objects.checkIndex(element, count);
  }

  private byte[] array(int index) {
    byte[] array = arrays[index];
    return array == null ? buffer : array;
  }
}
