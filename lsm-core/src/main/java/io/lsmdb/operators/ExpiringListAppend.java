package io.lsmdb.operators;

import io.lsmdb.AssociativeMergeOperator;
import io.lsmdb.MergeInput;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Appends elements that expire one by one to lists; a list is read with {@link
 * ListReader#ofExpiring}.
 *
 * <p>Values and operands are lists alike, as with {@link ListAppend}: {@code db.merge(key,
 * ExpiringListAppend.encode(element, expiresAt))} appends one element, or begins the list. From the
 * moment of its expiry, by the clock of the store, no reader sees an element; compactions drop it.
 * A key whose elements have all expired is absent, as is one with an empty list. Thread-safe.
 *
 * <p>A value is a list of {@link ListAppend} whose elements begin with their expiry, eight bytes
 * big-endian.
 */
public final class ExpiringListAppend implements AssociativeMergeOperator {
  /** The operator, by the name "lsmdb.list.append.expiring". */
  public static final ExpiringListAppend OPERATOR = new ExpiringListAppend();

  /** The expiry of an element that never expires. */
  public static final long NEVER = Long.MAX_VALUE;

  private ExpiringListAppend() {}

  @Override
  public String name() {
    return "lsmdb.list.append.expiring";
  }

  @Override
  public boolean hasExpiringParts() {
    return true;
  }

  @Override
  public void checkOperand(ByteBuffer operand) {
    ListReader.ofExpiring(operand).count();
  }

  @Override
  public byte @Nullable [] merge(MergeInput input) {
    byte[] list = living(input);
    return list.length == 0 ? null : list;
  }

  @Override
  public byte[] combine(MergeInput operands) {
    return living(operands); // an operand even if nothing is left: to say so would keep all
  }

  /** All elements that have not expired. */
  private static byte[] living(MergeInput input) {
    byte[] list = ListAppend.OPERATOR.merge(input);
    int kept = 0;
    int from = 0;
    for (ByteBuffer element : ListReader.of(list)) {
      int length = ListAppend.encodedLength(element.remaining());
      if (element.remaining() < ListReader.EXPIRY_BYTES) {
        throw new IllegalArgumentException("no expiry in the list element at byte " + from);
      }
      if (!input.isExpired(element.getLong(0))) {
        if (kept < from) {
          System.arraycopy(list, from, list, kept, length);
        }
        kept += length;
      }
      from += length;
    }
    return kept == list.length ? list : Arrays.copyOf(list, kept);
  }

  /**
   * Encodes a list of one element.
   *
   * @param element copied
   * @param expiresAt when it expires: ms since the epoch, or whatever the clock of the store
   *     counts; at least 0; {@link #NEVER} for never
   * @return an operand or value
   * @throws IllegalArgumentException if the expiry is negative
   */
  public static byte[] encode(byte[] element, long expiresAt) {
    return encode(List.of(element), expiresAt);
  }

  /**
   * Encodes a list whose elements expire together.
   *
   * @param elements copied; none for an empty list
   * @param expiresAt when they expire: ms since the epoch, or whatever the clock of the store
   *     counts; at least 0; {@link #NEVER} for never
   * @return an operand or value
   * @throws IllegalArgumentException if the expiry is negative
   */
  public static byte[] encode(Collection<byte[]> elements, long expiresAt) {
    if (expiresAt < 0) {
      throw new IllegalArgumentException("the expiry is " + expiresAt + "; give at least 0");
    }
    return ListAppend.encode(
        elements.stream()
            .map(
                element ->
                    ByteBuffer.allocate(Math.addExact(ListReader.EXPIRY_BYTES, element.length))
                        .putLong(expiresAt)
                        .put(element)
                        .array())
            .toList());
  }
}
