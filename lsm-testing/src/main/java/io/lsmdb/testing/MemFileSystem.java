package io.lsmdb.testing;

import io.lsmdb.DbLockedException;
import io.lsmdb.StorageException;
import io.lsmdb.StorageException.Reason;
import io.lsmdb.internal.fs.FileSystem;
import io.lsmdb.internal.fs.MappedFile;
import io.lsmdb.internal.fs.ReadableFile;
import io.lsmdb.internal.fs.WritableFile;
import java.nio.file.Path;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * A file system in memory that can show what a crash would leave of it.
 *
 * <p>Thread-safe: every method, and every method of its handles, takes the one monitor. Nothing has
 * to be closed. Paths of any provider serve; they are made absolute, without resolving links.
 *
 * <p>Writes are kept in the order made, and become durable in units of 512 bytes by a force;
 * changes of directories become durable by forcing the directory. {@link #crashImage} makes a new
 * file system of what is durable and, depending on its mode, of some of the rest; this one goes on
 * unharmed, so that a test can take an image before each operation of a run. Images share their
 * content, and cost microseconds.
 *
 * <p>Part of {@link SimulatedMachine}; the interface behind it is internal to the library.
 */
@SuppressWarnings("exports")
public final class MemFileSystem implements FileSystem {
  private static final long DEFAULT_CAPACITY_BYTES = 1L << 40;

  private final MemTree tree;
  private final Set<MemFile> locked = Collections.newSetFromMap(new IdentityHashMap<>());
  private long sequence;
  private long capacityBytes = DEFAULT_CAPACITY_BYTES;
  private long usedBytes;
  private boolean reservesByZeroFill = true;

  /** Creates an empty file system of 1 TiB. */
  public MemFileSystem() {
    this(new MemTree());
  }

  private MemFileSystem(MemTree tree) {
    this.tree = tree;
    this.usedBytes = tree.usedBytes();
  }

  /**
   * What the machine would find after a crash at this moment. All locks are free in it.
   *
   * @param mode what is lost
   * @param seed chooses among the outcomes of the mode; the same seed gives the same image
   * @return a new file system; this one is unchanged
   */
  public synchronized MemFileSystem crashImage(CrashMode mode, long seed) {
    // Random's first numbers are nearly the same for small seeds, and callers count seeds from 0.
    Random random = new Random(new SplittableRandom(seed).nextLong());
    MemFileSystem image = new MemFileSystem(tree.crash(mode, random, sequence));
    image.sequence = sequence;
    image.capacityBytes = capacityBytes;
    image.reservesByZeroFill = reservesByZeroFill;
    return image;
  }

  /**
   * Sets how much the files can hold together; less than they hold now is allowed.
   *
   * @param bytes the sum of file lengths from which on writes fail with {@link Reason#DISK_FULL}
   */
  public synchronized void setCapacity(long bytes) {
    capacityBytes = bytes;
  }

  /**
   * Sets what {@link #reservesByZeroFill} answers, true at first.
   *
   * @param value the answer
   */
  public synchronized void setReservesByZeroFill(boolean value) {
    reservesByZeroFill = value;
  }

  /**
   * The sum of the lengths of all files that have a name.
   *
   * @return bytes
   */
  public synchronized long usedBytes() {
    return usedBytes;
  }

  @Override
  public synchronized void createDirectories(Path directory) {
    tree.createDirectories(directory);
  }

  @Override
  public synchronized Path realPath(Path directory) {
    tree.directory("resolve", directory);
    return directory.toAbsolutePath().normalize();
  }

  @Override
  public synchronized boolean exists(Path path) {
    try {
      return tree.place("look for", path).node() != null;
    } catch (StorageException e) {
      return false; // a parent is missing, or is a file
    }
  }

  @Override
  public synchronized WritableFile create(Path file) {
    return new Writer(file, createFile("create", file));
  }

  private MemFile createFile(String operation, Path path) {
    MemTree.Place place = tree.place(operation, path);
    if (place.node() != null) {
      throw MemTree.failure(operation, path, Reason.ALREADY_EXISTS);
    }
    MemFile file = new MemFile();
    tree.change(new MemTree.Effect(place.parent(), place.name(), file));
    return file;
  }

  @Override
  public synchronized ReadableFile openForRead(Path file) {
    return new Reader(file, openFile("open", file));
  }

  @Override
  public synchronized MappedFile map(Path file, int size) {
    MemFile content = openFile("map", file);
    if (content.length() < size) {
      throw MemTree.failure("map", file, Reason.IO);
    }
    return new Mapping(file, content, size);
  }

  @Override
  public synchronized MappedFile mapGrowing(Path file, int capacity) {
    return new Mapping(file, openFile("map", file), capacity);
  }

  private MemFile openFile(String operation, Path path) {
    MemFile file = tree.file(operation, path);
    if (locked.contains(file)) {
      throw new DbLockedException("cannot " + operation + " " + path + ": this process locks it");
    }
    return file;
  }

  @Override
  public synchronized void rename(Path from, Path to) {
    MemTree.Place source = tree.place("rename", from);
    MemTree.Place target = tree.place("rename", to);
    if (source.node() == null) {
      throw MemTree.failure("rename", from, Reason.NOT_FOUND);
    }
    if (source.node() == target.node()) {
      return;
    }
    boolean fileOverFile = source.node() instanceof MemFile && target.node() instanceof MemFile;
    if (target.node() != null && !fileOverFile) {
      throw MemTree.failure("rename", from, Reason.WRONG_FILE_TYPE);
    }
    tree.change(
        new MemTree.Effect(source.parent(), source.name(), null),
        new MemTree.Effect(target.parent(), target.name(), source.node()));
    release(target.node());
  }

  @Override
  public synchronized void delete(Path file) {
    MemFile content = tree.file("delete", file);
    MemTree.Place place = tree.place("delete", file);
    tree.change(new MemTree.Effect(place.parent(), place.name(), null));
    release(content);
  }

  private void release(MemNode node) {
    if (node instanceof MemFile file && file.links == 0) {
      usedBytes -= file.length();
    }
  }

  @Override
  public synchronized void link(Path existing, Path link) {
    MemFile file = tree.file("link", existing);
    MemTree.Place place = tree.place("link", link);
    if (place.node() != null) {
      throw MemTree.failure("link", link, Reason.ALREADY_EXISTS);
    }
    tree.change(new MemTree.Effect(place.parent(), place.name(), file));
  }

  @Override
  public synchronized long size(Path file) {
    return tree.file("read the size of", file).length();
  }

  @Override
  public synchronized List<String> list(Path directory) {
    return List.copyOf(tree.directory("list", directory).current.keySet());
  }

  @Override
  public synchronized void forceDirectory(Path directory) {
    tree.force(tree.directory("force directory", directory));
  }

  @Override
  public synchronized AutoLock lock(Path file) {
    MemTree.Place place = tree.place("lock", file);
    MemFile content = place.node() == null ? createFile("lock", file) : tree.file("lock", file);
    if (!locked.add(content)) {
      throw new DbLockedException(
          "the lock " + file + " is held by this process; close the other instance first");
    }
    return new Lock(file, content);
  }

  @Override
  public synchronized long freeSpace(Path directory) {
    tree.directory("read the free space of", directory);
    return Math.max(0, capacityBytes - usedBytes);
  }

  @Override
  public synchronized boolean reservesByZeroFill(Path directory) {
    tree.directory("read the file system type of", directory);
    return reservesByZeroFill;
  }

  /** What the handles have in common. */
  private abstract class Handle implements FailableForce, AutoCloseable {
    final Path path;
    final MemFile content;

    /** Guarded by the file system. */
    boolean closed;

    Handle(Path path, MemFile content) {
      this.path = path;
      this.content = content;
    }

    final void checkOpen(String operation) {
      if (closed) {
        throw MemTree.failure(operation, path, Reason.IO);
      }
    }

    @Override
    public void close() {
      synchronized (MemFileSystem.this) {
        closed = true;
      }
    }

    @Override
    public void forceFailed(long from, long to) {
      synchronized (MemFileSystem.this) {
        content.forceFailed(from, to);
      }
    }
  }

  private final class Writer extends Handle implements WritableFile {
    private boolean failed;

    Writer(Path path, MemFile content) {
      super(path, content);
    }

    @Override
    public void append(byte[] bytes, int offset, int length) {
      Objects.checkFromIndexSize(offset, length, bytes.length);
      synchronized (MemFileSystem.this) {
        check("append to");
        int room = (int) Math.max(0, Math.min(length, capacityBytes - usedBytes));
        content.write(++sequence, content.length(), bytes, offset, room);
        usedBytes += content.links > 0 ? room : 0;
        if (room < length) {
          failed = true;
          throw MemTree.failure("append to", path, Reason.DISK_FULL);
        }
      }
    }

    @Override
    public long size() {
      synchronized (MemFileSystem.this) {
        return content.length();
      }
    }

    @Override
    public void force() {
      synchronized (MemFileSystem.this) {
        check("force");
        content.force();
      }
    }

    private void check(String operation) {
      checkOpen(operation);
      if (failed) {
        throw MemTree.failure(operation, path, Reason.DISK_FULL);
      }
    }
  }

  private final class Reader extends Handle implements ReadableFile {
    private final long size;

    Reader(Path path, MemFile content) {
      super(path, content);
      this.size = content.length();
    }

    @Override
    public int read(long position, byte[] to, int offset, int length) {
      Objects.checkFromIndexSize(offset, length, to.length);
      synchronized (MemFileSystem.this) {
        checkOpen("read");
        return content.read(position, to, offset, length);
      }
    }

    @Override
    public long size() {
      return size;
    }
  }

  private final class Mapping extends Handle implements MappedFile {
    private final int size;

    Mapping(Path path, MemFile content, int size) {
      super(path, content);
      this.size = size;
    }

    @Override
    public void put(long position, byte[] bytes, int offset, int length) {
      check(position, length);
      synchronized (MemFileSystem.this) {
        checkBacked(position + length);
        content.write(++sequence, position, bytes, offset, length);
      }
    }

    @Override
    public void get(long position, byte[] to, int offset, int length) {
      check(position, length);
      synchronized (MemFileSystem.this) {
        checkBacked(position + length);
        content.read(position, to, offset, length);
      }
    }

    @Override
    public void writeDurably(long position, byte[] bytes, int offset, int length) {
      check(position, length);
      synchronized (MemFileSystem.this) {
        checkOpen("write to");
        checkBacked(position + length);
        content.write(++sequence, position, bytes, offset, length);
        content.force(position, position + length);
      }
    }

    @Override
    public void force(long from, long to) {
      check(from, to - from);
      synchronized (MemFileSystem.this) {
        checkBacked(to);
        content.force(from, to);
      }
    }

    @Override
    public void extend(long from, long to, int unit) {
      check(from, to - from);
      synchronized (MemFileSystem.this) {
        checkOpen("extend");
        checkBacked(from);
        long growth = Math.max(0, to - content.length());
        long room = Math.min(growth, Math.max(0, capacityBytes - usedBytes));
        int length = (int) (to - growth + room - from);
        content.write(++sequence, from, new byte[length], 0, length);
        usedBytes += content.links > 0 ? room : 0;
        if (room < growth) {
          throw MemTree.failure("extend", path, Reason.DISK_FULL);
        }
      }
    }

    @Override
    public void shrink(long newSize) {
      synchronized (MemFileSystem.this) {
        checkOpen("shrink");
        usedBytes -= content.links > 0 ? Math.max(0, content.length() - newSize) : 0;
        content.shrink(newSize);
        content.force();
      }
    }

    /** A real file system ends a process that touches a mapping behind the end of its file. */
    private void checkBacked(long end) {
      if (end > content.length()) {
        throw new AssertionError("touched at " + end + " of " + content.length() + ": " + path);
      }
    }

    private void check(long position, long length) {
      Objects.checkFromIndexSize(position, length, (long) size);
    }

    @Override
    public int size() {
      return size;
    }
  }

  private final class Lock extends Handle implements AutoLock {
    Lock(Path path, MemFile content) {
      super(path, content);
    }

    @Override
    public void close() {
      synchronized (MemFileSystem.this) {
        if (!closed) {
          super.close();
          locked.remove(content);
        }
      }
    }
  }
}
