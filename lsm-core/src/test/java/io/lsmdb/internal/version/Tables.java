package io.lsmdb.internal.version;

import io.lsmdb.internal.base.ValueKind;
import io.lsmdb.internal.fs.FileNames;
import io.lsmdb.internal.fs.FileSystem;
import io.lsmdb.internal.key.InternalKey;
import io.lsmdb.internal.table.BlockCodec;
import io.lsmdb.internal.table.ShardedBlockCache;
import io.lsmdb.internal.table.TableBuilder;
import io.lsmdb.internal.table.TableFormat;
import io.lsmdb.internal.table.TableIdentity;
import io.lsmdb.internal.table.TableSummary;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.SortedMap;
import java.util.function.Consumer;

/** Real tables for the tests of this package. */
final class Tables {
  static final long SESSION = 0xABCL;

  private Tables() {}

  static String key(int n) {
    return String.format(Locale.ROOT, "key-%05d", n);
  }

  static InternalKey put(int n, long sequence) {
    return new InternalKey(Stores.bytes(key(n)), InternalKey.trailer(sequence, ValueKind.PUT));
  }

  /** Writes a table with these entries. */
  static FileMetadata write(FileSystem fs, long number, SortedMap<InternalKey, String> entries) {
    String name = FileNames.table(number, SESSION);
    TableIdentity id = new TableIdentity(1, 2, SESSION, number, number * 77);
    TableFormat format = new TableFormat(256, 10, BlockCodec.NONE);
    long min = Long.MAX_VALUE;
    long max = 0;
    TableSummary summary;
    try (TableBuilder builder =
        new TableBuilder(fs.create(Stores.DIRECTORY.resolve(name)), name, format, id, 1L)) {
      for (InternalKey key : entries.keySet()) {
        byte[] value = Stores.bytes(entries.get(key));
        byte[] userKey = key.userKey();
        builder.add(key.trailer(), userKey, 0, userKey.length, value, 0, value.length);
        min = Math.min(min, key.sequence());
        max = Math.max(max, key.sequence());
      }
      summary = builder.finish();
    }
    return new FileMetadata(
        number,
        SESSION,
        new FileMetadata.Content(
            summary.contentId(), summary.fileSize(), summary.fileChecksum(), 1L),
        new FileMetadata.Counts(entries.size(), 0, min, max),
        summary.smallest(),
        summary.largest());
  }

  static TableCache cache(FileSystem fs, int maxOpen, Consumer<Runnable> afterReaders) {
    ShardedBlockCache blocks = new ShardedBlockCache(1 << 20);
    return new TableCache(
        new TableCache.Env(
            fs,
            Stores.DIRECTORY,
            blocks,
            blocks.newOwner(null),
            maxOpen,
            afterReaders,
            Runnable::run));
  }

  static String text(byte[] array, int offset, int length) {
    return new String(array, offset, length, StandardCharsets.UTF_8);
  }
}
