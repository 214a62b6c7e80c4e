package io.lsmdb.bench.jmh;

import io.lsmdb.bench.Workload;
import io.lsmdb.internal.base.ValueKind;
import io.lsmdb.internal.fs.ReadableFile;
import io.lsmdb.internal.fs.WritableFile;
import io.lsmdb.internal.key.InternalKey;
import io.lsmdb.internal.table.BlockCodec;
import io.lsmdb.internal.table.Lz4Codec;
import io.lsmdb.internal.table.OpenContext;
import io.lsmdb.internal.table.ShardedBlockCache;
import io.lsmdb.internal.table.TableBuilder;
import io.lsmdb.internal.table.TableFormat;
import io.lsmdb.internal.table.TableIdentity;
import io.lsmdb.internal.table.TableReader;
import java.util.Arrays;

/** The file of a table, in memory, with how it is built and opened. Not thread-safe. */
final class MemoryTable implements WritableFile, ReadableFile {
  private static final int BLOCK_BYTES = 8 << 10;
  private static final int BLOOM_BITS = 10;
  private static final String NAME = "memory";

  private final byte[][] keys;
  private byte[] content = new byte[1 << 20];
  private int length;

  /** For the entries numbered from 0 to a count. */
  MemoryTable(int entries) {
    keys = new byte[entries][];
    for (int i = 0; i < entries; i++) {
      keys[i] = Workload.key(i);
    }
    Arrays.sort(keys, Arrays::compareUnsigned);
  }

  /**
   * Sets up a codec, in a process that has not used any yet.
   *
   * @param codec "none", "native" or "java"
   */
  static BlockCodec choose(String codec) {
    if (codec.equals("none")) {
      return BlockCodec.NONE;
    }
    System.setProperty(Lz4Codec.PROPERTY, codec);
    return BlockCodec.LZ4;
  }

  /** Writes the table anew. */
  MemoryTable build(BlockCodec compression) {
    length = 0;
    byte[] value = new byte[Workload.VALUE_BYTES];
    TableFormat format = new TableFormat(BLOCK_BYTES, BLOOM_BITS, compression);
    TableIdentity identity = new TableIdentity(1, 2, 3, 4, 5);
    try (TableBuilder builder = new TableBuilder(this, NAME, format, identity, 0)) {
      for (int i = 0; i < keys.length; i++) {
        Workload.fillValue(value, i);
        long trailer = InternalKey.trailer(i + 1L, ValueKind.PUT);
        builder.add(trailer, keys[i], 0, keys[i].length, value, 0, value.length);
      }
      builder.finish();
    }
    return this;
  }

  TableReader open(long cacheBytes) {
    return TableReader.open(this, NAME, OpenContext.unchecked(new ShardedBlockCache(cacheBytes)));
  }

  @Override
  public void append(byte[] bytes, int offset, int count) {
    if (content.length - length < count) {
      content = Arrays.copyOf(content, Math.max(content.length * 2, length + count));
    }
    System.arraycopy(bytes, offset, content, length, count);
    length += count;
  }

  @Override
  public int read(long position, byte[] to, int offset, int count) {
    int read = (int) Math.min(count, length - position);
    System.arraycopy(content, (int) position, to, offset, read);
    return read;
  }

  @Override
  public long size() {
    return length;
  }

  @Override
  public void force() {}

  @Override
  public void close() {}
}
