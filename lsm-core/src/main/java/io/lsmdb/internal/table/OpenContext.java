package io.lsmdb.internal.table;

import java.util.Objects;

/**
 * What a table reader is told by whoever opens it. Immutable.
 *
 * @param expectedContentId content id from the manifest, or {@link TableIdentity#ANY_CONTENT_ID}
 * @param expectedSize file size in bytes from the manifest, or -1 to take the footer's
 * @param cache where decoded blocks are kept
 * @param owner whom their bytes are counted for, made by {@link ShardedBlockCache#newOwner}
 */
public record OpenContext(
    long expectedContentId,
    long expectedSize,
    ShardedBlockCache cache,
    ShardedBlockCache.Owner owner) {
  /** Checks for nulls. */
  public OpenContext {
    Objects.requireNonNull(cache, "cache");
    Objects.requireNonNull(owner, "owner");
  }

  /**
   * A context that accepts any table.
   *
   * @param cache where decoded blocks are kept
   * @return the context, with an owner of its own
   */
  public static OpenContext unchecked(ShardedBlockCache cache) {
    return new OpenContext(TableIdentity.ANY_CONTENT_ID, -1, cache, cache.newOwner(null));
  }
}
