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
 * <p>One thread writes at a time; {@link #force} may run beside it. Owned and closed by whoever
 * mapped it.
 *
 * <ol>
 *   <li>The channel that made the mapping is closed at once: nothing here depends on a channel.
 *   <li>Durable writes go through a second descriptor opened for synchronous data ({@code "rwd"}):
 *       one system call writes and makes durable, and no interrupt can close it. It costs half of a
 *       forced mapping, and as much as a write followed by a force. The page cache is shared, so
 *       that the mapping shows these bytes.
 *   <li>A fault on the mapping (a block that the device cannot deliver) is reported as {@link
 *       StorageException}, not as an {@link Error}.
 * </ol>
 */
final class NioMappedFile implements MappedFile {
  private final Path path;
  private final MappedByteBuffer mapping;
  private final RandomAccessFile durable;

  private NioMappedFile(Path path, MappedByteBuffer mapping, RandomAccessFile durable) {
    this.path = path;
    this.mapping = mapping;
    this.durable = durable;
  }

  static NioMappedFile open(Path path, int size) {
    boolean interrupted = Thread.interrupted();
    try {
      NioFileSystem.requireRegular("map", path);
      while (true) {
        try {
          MappedByteBuffer mapping = mapOnce(path, size);
          return new NioMappedFile(path, mapping, new RandomAccessFile(path.toFile(), "rwd"));
        } catch (ClosedChannelException e) {
          interrupted |= Thread.interrupted();
        }
      }
    } catch (IOException e) {
      throw NioErrors.translate("map", path, e);
    } finally {
      NioFileSystem.restoreInterrupt(interrupted);
    }
  }

  private static MappedByteBuffer mapOnce(Path path, int size) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            path,
            Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS))) {
      long fileSize = channel.size();
      if (fileSize < size) {
        throw new IOException("it has " + fileSize + " bytes, not " + size);
      }
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
    try {
      durable.close();
    } catch (IOException e) {
      throw NioErrors.translateWrite("close", path, e);
    }
  }
}
