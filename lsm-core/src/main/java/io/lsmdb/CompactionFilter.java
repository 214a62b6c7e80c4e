package io.lsmdb;

import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Decides, when a compaction rewrites a value, whether it stays, goes or changes.
 *
 * <p>Called by the threads that compact, several at a time. It must decide by what it is given, and
 * must not call the store. It is asked about the newest version of a key among those that are being
 * compacted, if that is a value (what merge operands have been folded into included) and no live
 * snapshot sees it; newer versions may exist above. Flushes do not ask. If it throws, or returns
 * null, the entry stays as it was, {@link EventListener#onEntriesKept} reports it, and the next
 * compaction of the entry asks again.
 *
 * @see ColumnFamilyOptions.Builder#compactionFilter
 */
@FunctionalInterface
public interface CompactionFilter {
  /**
   * Decides on a value.
   *
   * @param candidate valid during the call only
   * @return not null
   */
  Decision filter(Candidate candidate);

  /** A value that is being rewritten, and where it goes. */
  interface Candidate {
    /**
     * The family's name.
     *
     * @return never null
     */
    String family();

    /**
     * The key.
     *
     * @return read-only, from position to limit
     */
    ByteBuffer key();

    /**
     * The value, without its expiry if it has one.
     *
     * @return read-only, from position to limit
     */
    ByteBuffer value();

    /**
     * The level that the value goes to.
     *
     * @return 0 to 6
     */
    int outputLevel();

    /**
     * Whether no older version of the key can be in the store.
     *
     * @return true if it is the last one
     */
    boolean isLast();

    /**
     * When the oldest of the tables that are being compacted was written.
     *
     * @return ms since 1970 by the system's clock
     */
    long oldestTableMillis();
  }

  /** What becomes of a value. Immutable. */
  final class Decision {
    /** It stays as it is. */
    public static final Decision KEEP = new Decision(null);

    /** The key is deleted. */
    public static final Decision DROP = new Decision(null);

    private final byte @Nullable [] value;

    private Decision(byte @Nullable [] value) {
      this.value = value;
    }

    /**
     * Another value takes its place; its expiry stays, if it has one.
     *
     * @param value kept, not copied
     * @return the decision
     */
    public static Decision change(byte[] value) {
      return new Decision(Objects.requireNonNull(value, "value"));
    }

    /**
     * The other value.
     *
     * @return null unless made by {@link #change}
     */
    public byte @Nullable [] value() {
      return value;
    }
  }
}
