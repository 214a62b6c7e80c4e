package io.lsmdb.internal.fs;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.lsmdb.StorageException;
import io.lsmdb.StorageException.Reason;
import io.lsmdb.internal.base.StripedPool;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.Set;

/**
 * A {@link ReadableFile} over a {@link FileChannel} that it reopens when an interrupt has closed
 * it.
 *
 * <p>Thread-safe. Owned and closed by whoever opened it.
 *
 * <p>An interrupt that arrives while its thread is inside a read closes the channel under every
 * reader. Each reader that finds the channel closed then takes the monitor, in which the first one
 * opens a new channel, and reads again. The interrupt status of a thread is taken away for the time
 * of its read, since a thread that enters a read with it would close the channel again, and given
 * back at the end.
 *
 * <ol>
 *   <li>A reopened channel stands for the same file as the first one, by the platform's file key;
 *       where the name has come to mean another file, the read fails.
 *   <li>A read holds at most {@value #CHUNK_BYTES} bytes of direct memory, which the next one uses
 *       again, whatever its thread: a heap buffer handed to the channel would have the JDK keep a
 *       temporary buffer of its size for each thread.
 * </ol>
 */
final class NioReadableFile implements ReadableFile {
  private static final int CHUNK_BYTES = 64 * 1024;

  private static final StripedPool<ByteBuffer> BUFFERS =
      new StripedPool<>(() -> ByteBuffer.allocateDirect(CHUNK_BYTES));

  private final Path path;
  private final Object fileKey;
  private final long size;

  /** Replaced under the monitor, read without it; closed by tests to stand for an interrupt. */
  volatile FileChannel channel;

  /** Set under the monitor, once. */
  @GuardedBy("this")
  private boolean closed;

  private NioReadableFile(Path path, BasicFileAttributes attributes, FileChannel channel)
      throws IOException {
    this.path = path;
    this.fileKey = attributes.fileKey();
    this.channel = channel;
    this.size = channel.size();
  }

  static NioReadableFile open(Path path) {
    boolean interrupted = Thread.interrupted();
    try {
      BasicFileAttributes attributes = NioFiles.requireRegular("open", path);
      while (true) {
        FileChannel channel = openChannel(path);
        try {
          return new NioReadableFile(path, attributes, channel);
        } catch (ClosedChannelException e) {
          interrupted |= Thread.interrupted();
        } catch (IOException e) {
          channel.close();
          throw e;
        }
      }
    } catch (IOException e) {
      throw NioErrors.translate("open", path, e);
    } finally {
      NioFiles.restoreInterrupt(interrupted);
    }
  }

  private static FileChannel openChannel(Path path) throws IOException {
    return FileChannel.open(path, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS));
  }

  @Override
  public int read(long position, byte[] to, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, to.length);
    ByteBuffer pooled = BUFFERS.take();
    if (pooled == null) { // many threads are reading; one that is no larger than needed
      return read(
          ByteBuffer.allocateDirect(Math.min(length, CHUNK_BYTES)), position, to, offset, length);
    }
    try {
      return read(pooled, position, to, offset, length);
    } finally {
      BUFFERS.give(pooled);
    }
  }

  private int read(ByteBuffer buffer, long position, byte[] to, int offset, int length) {
    boolean interrupted = Thread.interrupted();
    FileChannel current = channel;
    int done = 0;
    try {
      while (done < length) {
        buffer.clear().limit(Math.min(length - done, buffer.capacity()));
        int n;
        try {
          n = current.read(buffer, position + done);
        } catch (ClosedChannelException e) {
          interrupted |= Thread.interrupted();
          current = reopen(current, e);
          continue;
        }
        if (n < 0) {
          break;
        }
        buffer.get(0, to, offset + done, n);
        done += n;
      }
      return done;
    } catch (IOException e) {
      throw NioErrors.translate("read", path, e);
    } finally {
      NioFiles.restoreInterrupt(interrupted);
    }
  }

  private synchronized FileChannel reopen(FileChannel broken, ClosedChannelException cause)
      throws IOException {
    if (closed) {
      throw cause;
    }
    if (channel == broken) {
      BasicFileAttributes attributes = NioFiles.requireRegular("reopen", path);
      if (!Objects.equals(attributes.fileKey(), fileKey)) {
        throw new StorageException("reopen", path.toString(), Reason.NOT_FOUND, cause);
      }
      channel = openChannel(path);
    }
    return channel;
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public synchronized void close() {
    closed = true;
    try {
      channel.close();
    } catch (IOException e) {
      throw NioErrors.translate("close", path, e);
    }
  }
}
