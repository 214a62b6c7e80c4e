package io.lsmdb.internal.fs;

import io.lsmdb.StorageException;
import io.lsmdb.StorageException.Reason;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.Set;

/**
 * A {@link MappedFile} over a {@link MappedByteBuffer}.
 *
 * <p>One thread writes at a time; {@link #force} and {@link #extend} may run beside it. Owned and
 * closed by whoever mapped it.
 *
 * <ol>
 *   <li>The channel that made the mapping is closed at once: nothing here depends on a channel.
 *   <li>Durable writes go through a second descriptor opened for synchronous data ({@code "rwd"}):
 *       one system call writes and makes durable, and no interrupt can close it. It costs half of a
 *       forced mapping, and as much as a write followed by a force. The page cache is shared, so
 *       that the mapping shows these bytes.
 *   <li>Zeros go through a third descriptor, whose writes are left to the operating system. It
 *       reserves space for them when they are written, also where it chooses the blocks later
 *       (delayed allocation of ext4 and xfs).
 *   <li>A fault on the mapping (a block that the device cannot deliver) is reported as {@link
 *       StorageException}, not as an {@link Error}.
 * </ol>
 */
final class NioMappedFile implements MappedFile {
  /** Of the smallest pages that there are; it does no harm if they are larger. */
  private static final long PAGE_MASK = 4096 - 1;

  private static final byte[] ZEROS = new byte[LARGEST_UNIT];

  private final Path path;
  private final MappedByteBuffer mapping;
  private final RandomAccessFile durable;
  private final RandomAccessFile plain;

  private NioMappedFile(
      Path path, MappedByteBuffer mapping, RandomAccessFile durable, RandomAccessFile plain) {
    this.path = path;
    this.mapping = mapping;
    this.durable = durable;
    this.plain = plain;
  }

  /** Maps a file; one that may grow keeps its size, another one must have that size already. */
  static NioMappedFile open(Path path, int size, boolean growing) {
    boolean interrupted = Thread.interrupted();
    try {
      NioFiles.requireRegular("map", path);
      while (true) {
        try {
          return openOnce(path, size, growing);
        } catch (ClosedChannelException e) {
          interrupted |= Thread.interrupted();
        }
      }
    } catch (IOException e) {
      throw NioErrors.translate("map", path, e);
    } finally {
      NioFiles.restoreInterrupt(interrupted);
    }
  }

  private static NioMappedFile openOnce(Path path, int size, boolean growing) throws IOException {
    RandomAccessFile durable = null;
    RandomAccessFile plain = new RandomAccessFile(path.toFile(), "rw");
    try {
      long fileSize = plain.length();
      if (fileSize < size && !growing) {
        throw new IOException("it has " + fileSize + " bytes, not " + size);
      }
      durable = new RandomAccessFile(path.toFile(), "rwd");
      MappedByteBuffer mapping = mapOnce(path, size);
      if (plain.length() > fileSize) {
        plain.setLength(fileSize); // mapping has lengthened it
      }
      return new NioMappedFile(path, mapping, durable, plain);
    } catch (IOException | RuntimeException e) {
      plain.close();
      if (durable != null) {
        durable.close();
      }
      throw e;
    }
  }

  private static MappedByteBuffer mapOnce(Path path, int size) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            path,
            Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS))) {
      return channel.map(FileChannel.MapMode.READ_WRITE, 0, size);
    }
  }

  @Override
  public void put(long position, byte[] bytes, int offset, int length) {
    try {
      mapping.put(checked(position, length), bytes, offset, length);
    } catch (InternalError e) {
      throw fault("write to the mapping of", e);
    }
  }

  @Override
  public void get(long position, byte[] to, int offset, int length) {
    try {
      mapping.get(checked(position, length), to, offset, length);
    } catch (InternalError e) {
      throw fault("read the mapping of", e);
    }
  }

  @Override
  public void writeDurably(long position, byte[] bytes, int offset, int length) {
    checked(position, length);
    try {
      durable.seek(position);
      durable.write(bytes, offset, length);
    } catch (IOException e) {
      throw NioErrors.translateWrite("write to", path, e);
    }
  }

  @Override
  public void force(long from, long to) {
    int start = checked(from, Math.subtractExact(to, from));
    try {
      mapping.force(start, (int) (to - from));
    } catch (UncheckedIOException e) {
      throw NioErrors.translateWrite("force", path, e.getCause());
    }
  }

  @Override
  public void extend(long from, long to, int unit) {
    checked(from, Math.subtractExact(to, from));
    try {
      plain.seek(from);
      for (long at = from; at < to; ) {
        // One write of this length makes one unit in the page cache (a folio, on Linux).
        int step = (int) Math.min(unit - at % unit, to - at);
        plain.write(ZEROS, 0, step);
        at += step;
      }
    } catch (IOException e) {
      throw NioErrors.translateWrite("extend", path, e);
    }
  }

  @Override
  public void populate(long from, long to) {
    checked(from, Math.subtractExact(to, from));
    try {
      for (long at = from; at < to; at = (at | PAGE_MASK) + 1) {
        mapping.put((int) at, (byte) 0);
      }
    } catch (InternalError e) {
      throw fault("write to the mapping of", e);
    }
  }

  @Override
  public void shrink(long size) {
    try {
      if (plain.length() > size) {
        plain.setLength(size);
      }
      plain.getFD().sync();
    } catch (IOException e) {
      throw NioErrors.translateWrite("shrink", path, e);
    }
  }

  private int checked(long position, long length) {
    return (int) Objects.checkFromIndexSize(position, length, (long) mapping.capacity());
  }

  private StorageException fault(String operation, InternalError error) {
    return new StorageException(operation, path.toString(), Reason.IO, error);
  }

  @Override
  public int size() {
    return mapping.capacity();
  }

  @Override
  public void close() {
    try (plain) {
      durable.close();
    } catch (IOException e) {
      throw NioErrors.translateWrite("close", path, e);
    }
  }
}
