package io.lsmdb;

import org.jspecify.annotations.Nullable;

/**
 * The heap has no room for an operation. Nothing of the operation was recorded, and the store goes
 * on: other operations may succeed at once, this one when there is more memory.
 *
 * <p>What to do: write smaller values or batches, lower {@link
 * ColumnFamilyOptions.Builder#writeBufferSize} or {@link DbOptions.Builder#blockCacheSize}, or give
 * the JVM a larger heap (-Xmx). A flush or compaction that had no memory is tried again by itself.
 */
public class InsufficientMemoryException extends DbException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param what what there was no memory for, as a clause such as "a batch of 100 bytes was not
   *     written"
   * @param cause the failure of the allocation, or null
   */
  public InsufficientMemoryException(String what, @Nullable Throwable cause) {
    super(
        what
            + ": the heap of "
            + (Runtime.getRuntime().maxMemory() >> 20)
            + " MiB has no room for it; use smaller values or batches, a smaller writeBufferSize or"
            + " block cache, or a larger heap (-Xmx)",
        cause);
  }
}
