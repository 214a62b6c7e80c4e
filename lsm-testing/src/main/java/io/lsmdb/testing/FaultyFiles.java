package io.lsmdb.testing;

import io.lsmdb.StorageException;
import io.lsmdb.internal.fs.FileSystem;
import io.lsmdb.internal.fs.MappedFile;
import io.lsmdb.internal.fs.ReadableFile;
import io.lsmdb.internal.fs.WritableFile;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntConsumer;

/** The handles that a {@link FaultyFileSystem} puts around those of the other one. */
final class FaultyFiles {
  private FaultyFiles() {}

  /** Counts as open until it is closed first. */
  private abstract static class Handle {
    final FaultyFileSystem fs;
    final Path path;
    private final AtomicBoolean closed = new AtomicBoolean();

    Handle(FaultyFileSystem fs, Path path) {
      this.fs = fs;
      this.path = path;
      fs.opened(path);
    }

    final void closed() {
      if (closed.compareAndSet(false, true)) {
        fs.closed(path);
      }
    }
  }

  static final class Lock extends Handle implements FileSystem.AutoLock {
    private final FileSystem.AutoLock lock;

    Lock(FaultyFileSystem fs, Path path, FileSystem.AutoLock lock) {
      super(fs, path);
      this.lock = lock;
    }

    @Override
    public void close() {
      closed();
      lock.close();
    }
  }

  static final class Writer extends Handle implements WritableFile {
    private final WritableFile file;
    private StorageException failed;

    Writer(FaultyFileSystem fs, Path path, WritableFile file) {
      super(fs, path);
      this.file = file;
    }

    @Override
    public void append(byte[] bytes, int offset, int length) {
      Fault fault = fs.before(Operation.APPEND, path);
      checkUsable();
      if (fault == Fault.SHORT_WRITE) {
        file.append(bytes, offset, length / 2);
      }
      if (fault != null) {
        failed = FaultyFileSystem.failure(Operation.APPEND, path, fault);
        throw failed;
      }
      file.append(bytes, offset, length);
    }

    @Override
    public void force() {
      Fault fault = fs.before(Operation.FORCE, path);
      checkUsable();
      if (fault != null) {
        markForceFailed(file, 0, Long.MAX_VALUE);
        failed = FaultyFileSystem.failure(Operation.FORCE, path, fault);
        throw failed;
      }
      file.force();
    }

    private void checkUsable() {
      if (failed != null) {
        throw new StorageException("write to", path.toString(), failed.reason(), failed);
      }
    }

    @Override
    public long size() {
      return file.size();
    }

    @Override
    public void close() {
      closed();
      file.close();
    }
  }

  static final class Reader extends Handle implements ReadableFile {
    private final ReadableFile file;

    Reader(FaultyFileSystem fs, Path path, ReadableFile file) {
      super(fs, path);
      this.file = file;
    }

    @Override
    public int read(long position, byte[] to, int offset, int length) {
      fs.check(Operation.READ, path);
      return file.read(position, to, offset, length);
    }

    @Override
    public long size() {
      return file.size();
    }

    @Override
    public void close() {
      closed();
      file.close();
    }
  }

  static final class Mapping extends Handle implements MappedFile {
    private final MappedFile file;

    Mapping(FaultyFileSystem fs, Path path, MappedFile file) {
      super(fs, path);
      this.file = file;
    }

    @Override
    public void put(long position, byte[] bytes, int offset, int length) {
      write(Operation.PUT, length, part -> file.put(position, bytes, offset, part));
    }

    @Override
    public void get(long position, byte[] to, int offset, int length) {
      file.get(position, to, offset, length);
    }

    @Override
    public void writeDurably(long position, byte[] bytes, int offset, int length) {
      write(
          Operation.WRITE_DURABLY,
          length,
          part -> file.writeDurably(position, bytes, offset, part));
    }

    /** Writes so many bytes, half of them, or none. */
    private void write(Operation operation, int length, IntConsumer write) {
      Fault fault = fs.before(operation, path);
      if (fault == Fault.SHORT_WRITE) {
        write.accept(length / 2);
      }
      if (fault != null) {
        throw FaultyFileSystem.failure(operation, path, fault);
      }
      write.accept(length);
    }

    @Override
    public void force(long from, long to) {
      Fault fault = fs.before(Operation.FORCE_MAPPED, path);
      if (fault != null) {
        markForceFailed(file, from, to);
        throw FaultyFileSystem.failure(Operation.FORCE_MAPPED, path, fault);
      }
      file.force(from, to);
    }

    @Override
    public void extend(long from, long to, int unit) {
      write(Operation.EXTEND, (int) (to - from), part -> file.extend(from, from + part, unit));
    }

    @Override
    public void shrink(long size) {
      Fault fault = fs.before(Operation.SHRINK, path);
      if (fault != null) {
        throw FaultyFileSystem.failure(Operation.SHRINK, path, fault);
      }
      file.shrink(size);
    }

    @Override
    public int size() {
      return file.size();
    }

    @Override
    public void close() {
      closed();
      file.close();
    }
  }

  private static void markForceFailed(Object handle, long from, long to) {
    if (handle instanceof FailableForce failable) {
      failable.forceFailed(from, to);
    }
  }
}
