package io.lsmdb;

/**
 * The limits of a family's options, and which options need or exclude each other.
 *
 * <p>Stateless. What a compaction style asks of the options is checked by {@link
 * CompactionStyle#check}.
 */
final class ColumnFamilyChecks {
  private ColumnFamilyChecks() {}

  /**
   * Checks all options together.
   *
   * @throws InvalidOptionsException naming the first one that is out of range or contradicts
   *     another one
   */
  static void check(ColumnFamilyOptions options) {
    checkSizes(options);
    checkStalls(options);
    checkTables(options);
    checkRewriting(options);
    options.compactionStyle().check(options);
  }

  private static void checkSizes(ColumnFamilyOptions options) {
    Checks.range("writeBufferSize", options.writeBufferSize(), 64L << 10, 1L << 30);
    Checks.range("maxWriteBufferNumber", options.maxWriteBufferNumber(), 2, 64);
    Checks.range("targetFileSize", options.targetFileSize(), 4L << 10, 4L << 30);
    Checks.atLeast(
        "maxBytesForLevelBase",
        options.maxBytesForLevelBase(),
        "targetFileSize",
        options.targetFileSize());
    Checks.range("maxBytesForLevelMultiplier", options.maxBytesForLevelMultiplier(), 2, 100);
  }

  private static void checkStalls(ColumnFamilyOptions options) {
    Checks.range(
        "level0FileNumCompactionTrigger", options.level0FileNumCompactionTrigger(), 1, 10_000);
    Checks.atLeast(
        "level0SlowdownWritesTrigger",
        options.level0SlowdownWritesTrigger(),
        "level0FileNumCompactionTrigger",
        options.level0FileNumCompactionTrigger());
    Checks.atLeast(
        "level0StopWritesTrigger",
        options.level0StopWritesTrigger(),
        "level0SlowdownWritesTrigger",
        options.level0SlowdownWritesTrigger());
    Checks.range(
        "softPendingCompactionBytes", options.softPendingCompactionBytes(), 1, Long.MAX_VALUE);
    Checks.atLeast(
        "hardPendingCompactionBytes",
        options.hardPendingCompactionBytes(),
        "softPendingCompactionBytes",
        options.softPendingCompactionBytes());
  }

  private static void checkTables(ColumnFamilyOptions options) {
    Checks.range("blockSize", options.blockSize(), 256, 4L << 20);
    Checks.range("bloomBitsPerKey", options.bloomBitsPerKey(), 0, 32);
    Checks.range("prefixLength", options.prefixLength(), 0, WriteBatch.MAX_KEY_LENGTH);
    if (options.prefixLength() > 0 && options.bloomBitsPerKey() == 0) {
      throw new InvalidOptionsException(
          "prefixLength needs filters, but bloomBitsPerKey is 0; set it to 10, say");
    }
    if (!options.filterWholeKeys() && options.prefixLength() == 0) {
      throw new InvalidOptionsException(
          "filterWholeKeys may be false only with a prefixLength, since filters would hold nothing;"
              + " set a prefixLength, or leave filterWholeKeys true");
    }
    if (options.compression().isEmpty()) {
      throw new InvalidOptionsException("compression must name at least one level");
    }
  }

  private static void checkRewriting(ColumnFamilyOptions options) {
    boolean expires = options.timeToLiveMillis() > 0;
    if (options.mergeOperator() != null) {
      Checks.name("mergeOperator.name()", options.mergeOperatorName());
      if (expires) {
        throw new InvalidOptionsException(
            "timeToLive and mergeOperator exclude each other: operands cannot expire");
      }
    }
    if (options.periodicCompaction() != null) {
      Checks.duration("periodicCompaction", options.periodicCompaction());
    }
    if (options.countEntries()
        && (expires
            || options.compactionFilter() != null
            || (options.mergeOperator() != null && options.mergeOperator().hasExpiringParts())
            || options.compactionStyle() instanceof CompactionStyle.Fifo)) {
      throw new InvalidOptionsException(
          "countEntries excludes timeToLive, compactionFilter, merge operators whose values have"
              + " expiring parts, and fifo compaction: they remove entries without a write");
    }
  }
}
