package io.lsmdb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.operators.LongOperator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Options: their limits, their defaults, and messages that name the setting. */
class OptionsTest {
  private static void assertFamilyRefuses(
      String setting, UnaryOperator<ColumnFamilyOptions.Builder> change) {
    ColumnFamilyOptions.Builder builder = change.apply(ColumnFamilyOptions.builder());
    InvalidOptionsException refused = assertThrows(InvalidOptionsException.class, builder::build);
    assertTrue(refused.getMessage().startsWith(setting), refused.getMessage());
  }

  private static void assertStoreRefuses(String setting, UnaryOperator<DbOptions.Builder> change) {
    DbOptions.Builder builder = change.apply(DbOptions.builder());
    InvalidOptionsException refused = assertThrows(InvalidOptionsException.class, builder::build);
    assertTrue(refused.getMessage().startsWith(setting), refused.getMessage());
  }

  @Test
  void familySettingsOutOfRangeAreNamed() {
    assertFamilyRefuses("writeBufferSize", b -> b.writeBufferSize((64 << 10) - 1));
    assertFamilyRefuses("writeBufferSize", b -> b.writeBufferSize((1L << 30) + 1));
    assertFamilyRefuses("maxWriteBufferNumber", b -> b.maxWriteBufferNumber(1));
    assertFamilyRefuses("maxWriteBufferNumber", b -> b.maxWriteBufferNumber(65));
    assertFamilyRefuses("targetFileSize", b -> b.targetFileSize(4095));
    assertFamilyRefuses(
        "maxBytesForLevelBase", b -> b.targetFileSize(8192).maxBytesForLevelBase(8191));
    assertFamilyRefuses("maxBytesForLevelMultiplier", b -> b.maxBytesForLevelMultiplier(1));
    assertFamilyRefuses("level0FileNumCompactionTrigger", b -> b.level0FileNumCompactionTrigger(0));
    assertFamilyRefuses("level0SlowdownWritesTrigger", b -> b.level0SlowdownWritesTrigger(3));
    assertFamilyRefuses("level0StopWritesTrigger", b -> b.level0StopWritesTrigger(19));
    assertFamilyRefuses("softPendingCompactionBytes", b -> b.softPendingCompactionBytes(0));
    assertFamilyRefuses("hardPendingCompactionBytes", b -> b.hardPendingCompactionBytes(1));
    assertFamilyRefuses("blockSize", b -> b.blockSize(255));
    assertFamilyRefuses("bloomBitsPerKey", b -> b.bloomBitsPerKey(-1));
    assertFamilyRefuses("bloomBitsPerKey", b -> b.bloomBitsPerKey(33));
    assertFamilyRefuses("compression", b -> b.compression(List.of()));
  }

  @Test
  void filtersWithoutWholeKeysNeedPrefixes() {
    assertFamilyRefuses("filterWholeKeys", b -> b.filterWholeKeys(false));
    assertFamilyRefuses("filterWholeKeys", b -> b.filterWholeKeys(false).bloomBitsPerKey(0));
    assertFamilyRefuses(
        "prefixLength", b -> b.filterWholeKeys(false).bloomBitsPerKey(0).prefixLength(4));
    ColumnFamilyOptions built =
        ColumnFamilyOptions.builder().filterWholeKeys(false).prefixLength(4).build();
    assertFalse(built.filterWholeKeys());
  }

  @Test
  void namesOfMergeOperatorsAreChecked() {
    for (String name : Arrays.asList(null, "", "n".repeat(1025))) {
      MergeOperator operator =
          new MergeOperator() {
            @Override
            public String name() {
              return name;
            }

            @Override
            public byte[] merge(MergeInput input) {
              return new byte[0];
            }
          };
      assertFamilyRefuses("mergeOperator.name()", b -> b.mergeOperator(operator));
    }
  }

  @Test
  void compactionStylesThatMakeNoSenseAreRefused() {
    CompactionStyle.Universal universal = CompactionStyle.universal();
    assertFamilyRefuses("universal sizeRatio", b -> b.compactionStyle(universal.sizeRatio(-1)));
    assertFamilyRefuses(
        "universal minMergeWidth", b -> b.compactionStyle(universal.minMergeWidth(1)));
    assertFamilyRefuses(
        "universal maxMergeWidth",
        b -> b.compactionStyle(universal.minMergeWidth(3).maxMergeWidth(2)));
    assertFamilyRefuses(
        "universal maxSizeAmplification",
        b -> b.compactionStyle(universal.maxSizeAmplification(0)));
    assertFamilyRefuses(
        "universal compaction keeps level0FileNumCompactionTrigger (1)",
        b -> b.compactionStyle(universal).level0FileNumCompactionTrigger(1));
    assertFamilyRefuses(
        "universal compaction keeps level0FileNumCompactionTrigger (20)",
        b -> b.compactionStyle(universal).level0FileNumCompactionTrigger(20));
    CompactionStyle.Fifo fifo = CompactionStyle.fifo();
    CompactionStyle.Fifo aged = fifo.maxAge(Duration.ofDays(1));
    assertFamilyRefuses("fifo compaction needs", b -> b.compactionStyle(fifo));
    assertFamilyRefuses("fifo maxBytes", b -> b.compactionStyle(fifo.maxBytes((64 << 20) - 1)));
    assertFamilyRefuses("fifo maxAge", b -> b.compactionStyle(fifo.maxAge(Duration.ZERO)));
    assertFamilyRefuses(
        "fifo compaction would drop the older operands",
        b -> b.compactionStyle(aged).mergeOperator(LongOperator.SUM));
    assertFamilyRefuses(
        "fifo compaction drops what is old",
        b -> b.compactionStyle(aged).periodicCompaction(Duration.ofDays(1)));
    assertFamilyRefuses("periodicCompaction", b -> b.periodicCompaction(Duration.ZERO));
    assertThrows(
        NullPointerException.class, () -> ColumnFamilyOptions.builder().compactionStyle(null));
  }

  @Test
  void storeSettingsOutOfRangeAreNamed() {
    assertStoreRefuses("maxBackgroundJobs", b -> b.maxBackgroundJobs(1));
    assertStoreRefuses("maxOpenFiles", b -> b.maxOpenFiles(15));
    assertStoreRefuses("blockCacheSize", b -> b.blockCacheSize(-1));
    assertStoreRefuses("maxLogSize", b -> b.maxLogSize((1 << 20) - 1));
    assertThrows(NullPointerException.class, () -> DbOptions.builder().listener(null));
    assertThrows(NullPointerException.class, () -> DbOptions.builder().defaultFamilyOptions(null));
    assertThrows(NullPointerException.class, () -> DbOptions.builder().familyOptions(null));
  }

  @Test
  void defaultsAreAsDocumented() {
    ColumnFamilyOptions family = ColumnFamilyOptions.builder().build();
    assertEquals(64 << 20, family.writeBufferSize());
    assertEquals(3, family.maxWriteBufferNumber());
    assertEquals(64 << 20, family.targetFileSize());
    assertEquals(256 << 20, family.maxBytesForLevelBase());
    assertEquals(10, family.maxBytesForLevelMultiplier());
    assertEquals(4, family.level0FileNumCompactionTrigger());
    assertEquals(20, family.level0SlowdownWritesTrigger());
    assertEquals(36, family.level0StopWritesTrigger());
    assertEquals(8 << 10, family.blockSize());
    assertEquals(10, family.bloomBitsPerKey());
    assertEquals(List.of(Compression.LZ4), family.compression());
    assertEquals(
        List.of(Compression.NONE),
        ColumnFamilyOptions.builder().compression(Compression.NONE).build().compression());
    assertEquals("leveled", family.compactionStyle().toString());
    assertNull(family.periodicCompaction());
    CompactionStyle.Universal universal = CompactionStyle.universal();
    assertEquals(1, universal.sizeRatio());
    assertEquals(2, universal.minMergeWidth());
    assertEquals(Integer.MAX_VALUE, universal.maxMergeWidth());
    assertEquals(200, universal.maxSizeAmplification());
    assertEquals(Long.MAX_VALUE, CompactionStyle.fifo().maxBytes());
    assertNull(CompactionStyle.fifo().maxAge());
    DbOptions store = DbOptions.builder().build();
    assertEquals(2, store.maxBackgroundJobs());
    assertEquals(1000, store.maxOpenFiles());
    assertEquals(64 << 20, store.blockCacheSize());
    assertEquals(1 << 30, store.maxLogSize());
    assertTrue(store.createIfMissing() && store.mappedLog());
    assertTrue(!store.salvageLog() && !store.atomicFlush());
    assertEquals(EventListener.NONE, store.listener());
    assertEquals(Map.of(), store.familyOptions());
  }

  @Test
  void builtOptionsDoNotChangeWithTheirBuilder() {
    List<Compression> compression = new ArrayList<>(List.of(Compression.LZ4));
    ColumnFamilyOptions.Builder builder = ColumnFamilyOptions.builder().compression(compression);
    ColumnFamilyOptions options = builder.blockSize(1024).build();
    builder.blockSize(2048);
    compression.clear();
    assertEquals(1024, options.blockSize());
    assertEquals(List.of(Compression.LZ4), options.compression());
    DbOptions.Builder store = DbOptions.builder();
    DbOptions built = store.build();
    store.maxOpenFiles(20);
    assertEquals(1000, built.maxOpenFiles());
  }

  @Test
  void writeOptionsSayHowLongAWriteMayWait() {
    assertEquals(Durability.BUFFERED, WriteOptions.BUFFERED.durability());
    assertEquals(Durability.SYNC, WriteOptions.SYNC.durability());
    assertEquals(Durability.NO_WAL, WriteOptions.NO_WAL.durability());
    assertEquals(Long.MAX_VALUE, WriteOptions.BUFFERED.stallTimeoutNanos());
    WriteOptions.Builder builder = WriteOptions.builder();
    assertEquals(2_000_000, timeoutOf(builder, Duration.ofMillis(2)));
    assertEquals(0, timeoutOf(builder, Duration.ZERO));
    assertEquals(Long.MAX_VALUE, timeoutOf(builder, Duration.ofDays(1_000_000)));
    assertThrows(InvalidOptionsException.class, () -> builder.stallTimeout(Duration.ofNanos(-1)));
    assertThrows(NullPointerException.class, () -> builder.durability(null));
  }

  private static long timeoutOf(WriteOptions.Builder builder, Duration timeout) {
    return builder.stallTimeout(timeout).build().stallTimeoutNanos();
  }
}
