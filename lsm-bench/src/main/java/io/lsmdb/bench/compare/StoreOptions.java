package io.lsmdb.bench.compare;

import io.lsmdb.Durability;
import io.lsmdb.bench.ByteSize;
import io.lsmdb.bench.DurabilityConverter;
import io.lsmdb.bench.UserErrorException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/**
 * What each engine is given: options of the commands that are handed on to the child JVMs.
 *
 * <p>Not thread-safe.
 */
class StoreOptions {
  private static final int MAX_RECORDS = 1_000_000_000;
  private static final int MAX_VALUE = 1 << 20;

  @Option(
      names = "--records",
      paramLabel = "N",
      description = "Entries of the stores. Default: 1000000; of endurance 2000000.")
  int records;

  @Option(
      names = "--value-size",
      paramLabel = "BYTES",
      converter = ByteSize.class,
      description = "Length of values; keys have 16 bytes. Default: 100.")
  long valueSize = 100;

  @Option(
      names = "--cache",
      paramLabel = "SIZE",
      converter = ByteSize.class,
      description = "Cache of every engine. Default: 512m; of endurance 32m.")
  long cache;

  @Option(
      names = "--write-buffer",
      paramLabel = "SIZE",
      converter = ByteSize.class,
      description = "Memtables, where an engine has them. Default: 64m; of endurance 8m.")
  long writeBuffer;

  @Option(
      names = "--durability",
      paramLabel = "HOW",
      converter = DurabilityConverter.class,
      description = "sync, buffered or no-wal. Default: buffered.")
  Durability durability = Durability.BUFFERED;

  StoreOptions(int records, long cache, long writeBuffer) {
    this.records = records;
    this.cache = cache;
    this.writeBuffer = writeBuffer;
  }

  void check() {
    within("--records", records, 100, MAX_RECORDS);
    within("--value-size", valueSize, Records.STAMP_BYTES, MAX_VALUE);
    within("--write-buffer", writeBuffer, 1 << 20, Integer.MAX_VALUE);
    within("--cache", cache, 1 << 20, Long.MAX_VALUE);
  }

  static void within(String option, long value, long least, long most) {
    if (value < least || value > most) {
      throw new UserErrorException(option + " must be from " + least + " to " + most);
    }
  }

  /** The same settings as arguments. */
  List<String> arguments() {
    List<String> arguments = new ArrayList<>();
    arguments.add("--records=" + records);
    arguments.add("--value-size=" + valueSize);
    arguments.add("--cache=" + cache);
    arguments.add("--write-buffer=" + writeBuffer);
    arguments.add("--durability=" + DurabilityConverter.format(durability));
    return arguments;
  }

  final BenchEngine.Settings engineSettings(Merging merging) {
    return engineSettings(merging, BackgroundEvents.NONE);
  }

  /** Settings of an engine that tells what happens in its background. */
  final BenchEngine.Settings engineSettings(Merging merging, BackgroundEvents events) {
    // A copy-on-write B-tree may leave a page for each put of the longest workload.
    long space = records * entryBytes() * 8 + (4L << 30);
    return new BenchEngine.Settings(cache, writeBuffer, durability, space, merging, events);
  }

  final int valueBytes() {
    return (int) valueSize;
  }

  /** Bytes of a key and its value. */
  final long entryBytes() {
    return Records.KEY_BYTES + valueSize;
  }
}
