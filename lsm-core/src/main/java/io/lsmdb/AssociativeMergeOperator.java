package io.lsmdb;

import org.jspecify.annotations.Nullable;

/**
 * A merge operator whose values and operands are of one kind, and for which {@code a·(b·c)} is
 * {@code (a·b)·c}: a sum, a maximum, a concatenation.
 *
 * <p>The older value is then nothing but the oldest operand, so one method does for all. Small
 * operands of such an operator are combined as soon as they are written, so that a hot counter is
 * read at the same cost however often it was merged.
 */
public interface AssociativeMergeOperator extends MergeOperator {
  /**
   * Folds elements, the older value among them or not.
   *
   * @param input at least one element; valid during the call
   * @return the value, or the operand, that stands for all; the library keeps the array. Not null,
   *     but as {@link MergeOperator#merge} says
   */
  @Override
  byte @Nullable [] merge(MergeInput input);

  @Override
  default byte @Nullable [] combine(MergeInput operands) {
    return merge(operands);
  }
}
