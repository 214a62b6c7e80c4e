package io.lsmdb.internal.compaction;

import io.lsmdb.CompactionFilter;
import io.lsmdb.CompactionFilter.Decision;
import io.lsmdb.DbException;
import io.lsmdb.internal.base.BatchEncoder;
import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.base.ValueKind;
import io.lsmdb.internal.compaction.pick.Compaction;
import io.lsmdb.internal.key.Expiry;
import io.lsmdb.internal.key.InternalKey;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.BooleanSupplier;

/**
 * One part's calls of a family's compaction filter: the only caller of filters.
 *
 * <p>Not thread-safe; reused from entry to entry. After {@link #apply} it holds the entry as the
 * filter has left it. An entry that the filter fails on stays as it is.
 */
final class FilterStep implements CompactionFilter.Candidate, ValueStep {
  private final DropRules.Filter filter;
  private final int outputLevel;
  private final long oldestTableMillis;
  private final BooleanSupplier isLast;

  // The entry that is being decided on.
  private byte[] keyArray;
  private int keyLength;
  private byte[] valueArray;
  private int valueOffset;
  private int valueLength;

  private byte[] replacement;
  private long applied;
  private KeptEntries kept = KeptEntries.NONE;

  /**
   * Begins.
   *
   * @param filter the family's
   * @param compaction what the entries are part of
   * @param isLast whether no version is older than the entry that is being decided on
   */
  FilterStep(DropRules.Filter filter, Compaction compaction, BooleanSupplier isLast) {
    this.filter = filter;
    this.outputLevel = compaction.outputLevel();
    this.oldestTableMillis = compaction.oldestTableMillis();
    this.isLast = isLast;
  }

  @Override
  public long apply(byte[] key, int length, long trailer, byte[] value, int offset, int size) {
    int prefix = InternalKey.kind(trailer) == ValueKind.PUT_EXPIRING ? Expiry.BYTES : 0;
    keyArray = key;
    keyLength = length;
    valueArray = value;
    valueOffset = offset + prefix;
    valueLength = size - prefix;
    replacement = null;
    Decision decision = decide();
    if (decision == Decision.KEEP) {
      return trailer;
    }
    applied++;
    if (decision == Decision.DROP) {
      replacement = Bytes.EMPTY;
      return InternalKey.trailer(InternalKey.sequence(trailer), ValueKind.DELETE);
    }
    byte[] changed = decision.value();
    replacement = Arrays.copyOfRange(value, offset, offset + prefix + changed.length);
    System.arraycopy(changed, 0, replacement, prefix, changed.length);
    return trailer;
  }

  private Decision decide() {
    try {
      Decision decision = filter.filter().filter(this);
      if (decision == null) {
        throw new NullPointerException("the decision");
      }
      byte[] changed = decision.value();
      if (changed != null && changed.length > BatchEncoder.MAX_EXPIRING_LENGTH) {
        throw new IllegalStateException("a value of " + changed.length + " bytes is too long");
      }
      return decision;
    } catch (Throwable e) { // of checked exceptions, too, which some languages do not declare
      kept = kept.plus(failed(e));
      return Decision.KEEP;
    }
  }

  private DbException failed(Throwable cause) {
    return new DbException(
        "the compaction filter of column family "
            + filter.family()
            + " failed on key "
            + Bytes.shown(keyArray, keyLength)
            + " ("
            + cause
            + "); the entry stays as it was, and the filter is asked again when it is compacted"
            + " next: mend the filter",
        cause);
  }

  @Override
  public byte[] replacement() {
    return replacement;
  }

  /** What stayed as it was because the filter failed. */
  KeptEntries kept() {
    return kept;
  }

  /** How many entries were dropped or changed so far. */
  long applied() {
    return applied;
  }

  @Override
  public String family() {
    return filter.family();
  }

  @Override
  public ByteBuffer key() {
    return ByteBuffer.wrap(keyArray, 0, keyLength).slice().asReadOnlyBuffer();
  }

  @Override
  public ByteBuffer value() {
    return ByteBuffer.wrap(valueArray, valueOffset, valueLength).slice().asReadOnlyBuffer();
  }

  @Override
  public int outputLevel() {
    return outputLevel;
  }

  @Override
  public boolean isLast() {
    return isLast.getAsBoolean();
  }

  @Override
  public long oldestTableMillis() {
    return oldestTableMillis;
  }
}
