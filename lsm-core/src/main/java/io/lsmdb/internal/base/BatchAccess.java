package io.lsmdb.internal.base;

import java.util.function.Function;

/**
 * The engine's way to the encoded form of a public batch, without a copy and without a public
 * method for it.
 *
 * <p>Thread-safe: set once by the initializer of the batch's class, before there is any batch.
 */
public final class BatchAccess {
  private static volatile Function<Object, BatchEncoder> access;

  private BatchAccess() {}

  /**
   * Called once by the batch's class.
   *
   * @param type the public batch type, which this layer does not know
   * @param toEncoder gives a batch's encoder
   * @param <B> the public batch type
   */
  public static <B> void install(Class<B> type, Function<B, BatchEncoder> toEncoder) {
    access = batch -> toEncoder.apply(type.cast(batch));
  }

  /**
   * The encoder behind a batch.
   *
   * @param batch a public batch
   * @return its encoder
   */
  public static BatchEncoder encoder(Object batch) {
    return access.apply(batch);
  }
}
