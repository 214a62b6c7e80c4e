package io.lsmdb;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * How the operands that {@link Keyspace#merge} records for a key become its value.
 *
 * <p>A merge writes an operand and reads nothing. The operands of a key are folded into its value
 * when it is read, and for good when a flush or a compaction meets them. Called by many threads at
 * once, background threads among them, and with locks held: an operator must be a pure function of
 * its input, and must not call the store.
 *
 * <p>An operator that throws fails the read with a {@link MergeException} that names it and the
 * key. A flush or a compaction leaves the versions of that key as they are, reports the failure
 * ({@link EventListener#onEntriesKept}) and goes on; the next compaction of the key tries again. So
 * do values that would become longer than a value may be, and versions that together take more than
 * an eighth of the largest heap or 256 MiB. A put or a delete repairs the key. {@link
 * #checkOperand} should refuse an operand that could not be folded before it is recorded.
 *
 * <p>The name is stored with the column family: a family with merge operands is never opened
 * without the operator of that name. Its meaning must never change.
 *
 * @see AssociativeMergeOperator
 */
public interface MergeOperator {
  /**
   * What the column family remembers the operator by.
   *
   * @return 1 to 1,024 bytes in UTF-8, always the same
   */
  String name();

  /**
   * Checks an operand before it is recorded. Called by the writing thread, for batches when they
   * are written; the default accepts everything.
   *
   * @param operand read-only, from its position 0 to its limit; big-endian; not to be kept
   * @throws IllegalArgumentException if {@link #merge} could not make sense of it; the write fails
   *     with it, and nothing of the write is recorded
   */
  default void checkOperand(ByteBuffer operand) {}

  /**
   * Whether parts of a value may expire one by one, as {@link MergeInput#isExpired} tells. If so,
   * values without operands go through {@link #merge} as well, alone, whenever they are read or
   * compacted: readers never see a part that has expired, and compactions drop it. Such an operator
   * may say that nothing is left of a value: the key is absent then.
   *
   * @return always the same; false by default
   */
  default boolean hasExpiringParts() {
    return false;
  }

  /**
   * Computes the value of a key.
   *
   * @param input the older value, unless there is none, and the operands; valid during the call
   * @return the new value; the library keeps the array. Null only for an operator that {@linkplain
   *     #hasExpiringParts() has expiring parts}: nothing is left
   */
  byte @Nullable [] merge(MergeInput input);

  /**
   * Combines operands that follow each other into one, where the value below them is not known.
   * What is returned must have the same effect on every value as the operands one after the other.
   *
   * @param operands at least two, without an older value; valid during the call
   * @return one operand, which the library keeps; null where operands cannot be combined, which the
   *     default always says
   */
  default byte @Nullable [] combine(MergeInput operands) {
    return null;
  }
}
