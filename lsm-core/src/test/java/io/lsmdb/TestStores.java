package io.lsmdb;

import io.lsmdb.internal.engine.DbImpl;
import io.lsmdb.internal.engine.runtime.Environment;
import io.lsmdb.internal.fs.FileSystem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** What the tests of whole stores share: opening, tiny settings, bytes. Stateless. */
public final class TestStores {
  /** Where stores live in file systems that are in memory. */
  static final Path DIRECTORY = Path.of("/store");

  private TestStores() {}

  /** The real world, but for its files. */
  static Environment environment(FileSystem fs) {
    Environment real = Environment.system();
    return new Environment(
        fs, real.clockMillis(), real.nanoTime(), real.random(), real.executors());
  }

  static Db open(FileSystem fs, DbOptions options) {
    return DbImpl.open(DIRECTORY, options, environment(fs));
  }

  static Db open(FileSystem fs) {
    return open(fs, tinyOptions().build());
  }

  /** Settings under which a few hundred KB fill several levels. */
  static DbOptions.Builder tinyOptions() {
    return DbOptions.builder().defaultFamilyOptions(tinyFamily().build());
  }

  static ColumnFamilyOptions.Builder tinyFamily() {
    return ColumnFamilyOptions.builder()
        .writeBufferSize(64 << 10)
        .targetFileSize(8 << 10)
        .maxBytesForLevelBase(16 << 10)
        .maxBytesForLevelMultiplier(4)
        .blockSize(512);
  }

  /** Chooses settings at random, among those that make much happen with little data. */
  static DbOptions randomOptions(Random random) {
    return randomOptions(random, null);
  }

  /** The same, with a merge operator for all families; null for none. */
  public static DbOptions randomOptions(Random random, MergeOperator operator) {
    return randomOptions(random, operator, null, false, null);
  }

  /**
   * The same, with a clock for expiries.
   *
   * @param timeSource null for the system's, and none of the families has a time to live
   * @param counting whether entries may be counted, so that nothing expires
   * @param filter null for none; not when counting
   */
  static DbOptions randomOptions(
      Random random,
      MergeOperator operator,
      TimeSource timeSource,
      boolean counting,
      CompactionFilter filter) {
    ColumnFamilyOptions.Builder family =
        tinyFamily()
            .writeBufferSize((64 << 10) << random.nextInt(3))
            .maxWriteBufferNumber(2 + random.nextInt(3))
            .targetFileSize((4 << 10) << random.nextInt(3))
            .maxBytesForLevelMultiplier(2 + random.nextInt(4))
            .level0FileNumCompactionTrigger(2 + random.nextInt(3))
            .blockSize(256 << random.nextInt(5))
            .bloomBitsPerKey(random.nextBoolean() ? 10 : 0)
            .filterLastLevel(random.nextBoolean())
            .mergeOperator(operator)
            .compactionFilter(filter);
    CompactionStyle style = randomStyle(random, operator);
    family.compactionStyle(style);
    if (random.nextInt(4) == 0 && !(style instanceof CompactionStyle.Fifo)) {
      family.periodicCompaction(Duration.ofMillis(20));
    }
    // Said in any case: what options leave out stays as the family had it in the opening before.
    family.countEntries(false).timeToLive(null).prefixLength(0);
    if (counting && !(style instanceof CompactionStyle.Fifo)) {
      family.countEntries(random.nextInt(4) > 0);
    }
    if (timeSource != null && operator == null && !counting && random.nextInt(3) > 0) {
      family.timeToLive(Duration.ofMillis(20L << random.nextInt(10)));
    }
    int prefixLength = random.nextInt(6);
    if (prefixLength > 0) {
      family.bloomBitsPerKey(10).prefixLength(prefixLength).filterWholeKeys(random.nextBoolean());
    }
    if (random.nextBoolean()) {
      family.compression(List.of(random.nextBoolean() ? Compression.NONE : Compression.LZ4));
    }
    return DbOptions.builder()
        .defaultFamilyOptions(family.build())
        .timeSource(timeSource)
        .atomicFlush(random.nextInt(3) == 0)
        .mappedLog(random.nextInt(3) != 0)
        .maxLogSize(random.nextBoolean() ? 1 << 20 : 64 << 20)
        .maxBackgroundJobs(2 + random.nextInt(3))
        .maxOpenFiles(random.nextBoolean() ? 16 : 1000)
        .blockCacheSize(random.nextInt(3) == 0 ? 0 : (64 << 10) << random.nextInt(3))
        .build();
  }

  /** A style that drops nothing, and in which the operator, or null, may be used. */
  private static CompactionStyle randomStyle(Random random, MergeOperator operator) {
    return switch (random.nextInt(operator == null ? 5 : 4)) {
      case 0, 1 -> CompactionStyle.leveled();
      case 2, 3 ->
          CompactionStyle.universal()
              .sizeRatio(random.nextInt(3) * 30)
              .minMergeWidth(2 + random.nextInt(3))
              .maxMergeWidth(random.nextBoolean() ? 4 : Integer.MAX_VALUE)
              .maxSizeAmplification(25 << random.nextInt(5));
      default -> CompactionStyle.fifo().maxAge(Duration.ofDays(1));
    };
  }

  /** What the code of an application may throw: "cannot digest this", checked, unchecked, error. */
  static Stream<Throwable> failures() {
    String message = "cannot digest this";
    return Stream.of(
        new IllegalStateException(message),
        new IOException(message),
        new AssertionError(message),
        new OutOfMemoryError(message));
  }

  /** Throws anything, as languages without checked exceptions do. */
  @SuppressWarnings("unchecked")
  static <T extends Throwable> RuntimeException undeclared(Throwable thrown) throws T {
    throw (T) thrown;
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static String text(byte[] bytes) {
    return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
  }

  /** A key with a fixed width, so that keys sort as their numbers. */
  static byte[] key(int number) {
    return bytes(String.format("key%06d", number));
  }

  /** A value of some length that differs for each seed. */
  static byte[] value(long seed, int length) {
    byte[] value = new byte[length];
    new Random(seed).nextBytes(value);
    return value;
  }
}
