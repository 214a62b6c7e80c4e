package io.lsmdb.internal.version;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.lsmdb.CorruptionException;
import io.lsmdb.DbClosedException;
import io.lsmdb.internal.fs.FileNames;
import io.lsmdb.internal.fs.FileSystem;
import io.lsmdb.internal.fs.ReadableFile;
import io.lsmdb.internal.table.OpenContext;
import io.lsmdb.internal.table.ShardedBlockCache;
import io.lsmdb.internal.table.TableProperties;
import io.lsmdb.internal.table.TableReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

/**
 * The open tables of a store, bounded in number.
 *
 * <p>Thread-safe. Owned by the engine, which closes it after the last reader has left.
 *
 * <ol>
 *   <li>The open reader hangs on its {@link FileMetadata}: a lookup finds it with one volatile
 *       read, no hashing, no lock.
 *   <li>An evicted table stays open until every lookup that may have seen it has ended ({@code
 *       afterReaders}) and every iterator on it has given back its reference.
 *   <li>A table is opened once, however many threads want it at the same time.
 * </ol>
 */
public final class TableCache implements AutoCloseable {
  /*
   * Eviction is CLOCK (Corbató, "A Paging Experiment with the Multics System", 1968): a hand walks over
   * the slots, takes the first table whose "used" bit is clear, and clears the bits that it passes. A
   * lookup sets the bit only when it is clear, so that tables in steady use cost no shared writes. The
   * bit is a plain field: losing a race costs a table its second chance, nothing else.
   */

  /**
   * Locks under which tables are opened, so that slow opens of different tables run side by side.
   */
  private static final int OPEN_LOCKS = 16;

  private final Env env;
  private final Object[] openLocks = new Object[OPEN_LOCKS];

  /** The tables whose files are open, those that the cache has evicted meanwhile as well. */
  private final Set<TableHandle> live = ConcurrentHashMap.newKeySet();

  /** Nothing is read from or written to a file under it. */
  private final Object clockLock = new Object();

  @GuardedBy("clockLock")
  private FileMetadata[] slots = new FileMetadata[16];

  @GuardedBy("clockLock")
  private int open;

  @GuardedBy("clockLock")
  private int hand;

  @GuardedBy("clockLock")
  private boolean closed;

  /**
   * Creates an empty cache.
   *
   * @param env what it needs
   */
  public TableCache(Env env) {
    this.env = env;
    Arrays.setAll(openLocks, i -> new Object());
  }

  /**
   * The open reader of a table, for a lookup inside the engine's read gate.
   *
   * @param file the table
   * @return usable until the caller leaves the gate
   */
  public TableReader reader(FileMetadata file) {
    TableHandle handle = file.handle;
    if (handle == null) {
      return open(file, false).reader();
    }
    if (!handle.used) {
      handle.used = true;
    }
    return handle.reader();
  }

  /**
   * The open table with a reference, for use outside the gate.
   *
   * @param file the table
   * @return to be given back with {@link TableHandle#release}
   */
  public TableHandle retained(FileMetadata file) {
    TableHandle handle = file.handle;
    if (handle != null && handle.tryRetain()) {
      handle.used = true;
      return handle;
    }
    return open(file, true);
  }

  /** Opens a table unless another thread just did, with one reference more if wanted. */
  private TableHandle open(FileMetadata file, boolean retain) {
    synchronized (openLocks[(int) (file.number() & (OPEN_LOCKS - 1))]) {
      TableHandle handle = file.handle;
      if (handle != null && (!retain || handle.tryRetain())) {
        return handle;
      }
      handle = new TableHandle(openReader(file), this::closeElsewhere);
      if (retain) {
        handle.tryRetain();
      }
      List<TableHandle> evicted;
      try {
        evicted = insert(file, handle);
      } catch (DbClosedException e) {
        handle.reader().close();
        throw e;
      }
      evicted.forEach(this::releaseLater);
      return handle;
    }
  }

  private TableReader openReader(FileMetadata file) {
    Path path = env.directory().resolve(FileNames.table(file.number(), file.session()));
    ReadableFile opened = env.fs().openForRead(path);
    boolean done = false;
    try {
      TableReader reader =
          TableReader.open(
              opened,
              path.toString(),
              new OpenContext(file.content().contentId(), file.size(), env.blocks(), env.owner()));
      checkBounds(file, reader.properties(), path.toString());
      done = true;
      return reader;
    } finally {
      if (!done) {
        opened.close();
      }
    }
  }

  /** Cursors over a level rely on the bounds in the manifest. */
  private static void checkBounds(FileMetadata file, TableProperties properties, String name) {
    if (!properties.smallest().equals(file.smallest())
        || !properties.largest().equals(file.largest())) {
      throw new CorruptionException(name, -1, "other bounds than those in the manifest");
    }
  }

  /** Publishes an open table, and takes out as many others as are too many. */
  private List<TableHandle> insert(FileMetadata file, TableHandle handle) {
    List<TableHandle> evicted = new ArrayList<>();
    synchronized (clockLock) {
      if (closed) {
        throw new DbClosedException("the store is closed");
      }
      while (open >= env.maxOpen()) {
        evicted.add(remove(victim()));
      }
      if (open == slots.length) {
        slots = Arrays.copyOf(slots, open * 2);
      }
      live.add(handle);
      handle.slot = open;
      slots[open++] = file;
      file.handle = handle;
    }
    return evicted;
  }

  @GuardedBy("clockLock")
  private FileMetadata victim() {
    while (true) {
      hand = hand >= open - 1 ? 0 : hand + 1;
      TableHandle handle = slots[hand].handle;
      if (!handle.used) {
        return slots[hand];
      }
      handle.used = false;
    }
  }

  /** Takes a table out of its slot; the last slot's table moves there. */
  @SuppressWarnings("ReferenceEquality") // slots hold these very objects
  @GuardedBy("clockLock")
  private TableHandle remove(FileMetadata file) {
    TableHandle handle = file.handle;
    file.handle = null;
    FileMetadata last = slots[--open];
    slots[open] = null;
    if (handle.slot != open) {
      slots[handle.slot] = last;
      last.handle.slot = handle.slot;
    }
    return handle;
  }

  /**
   * Forgets a table, because its file is about to be deleted.
   *
   * @param file a table that no version names any more
   */
  public void evict(FileMetadata file) {
    TableHandle handle = null;
    synchronized (clockLock) {
      if (file.handle != null) {
        handle = remove(file);
      }
    }
    if (handle != null) {
      releaseLater(handle);
    }
  }

  private void releaseLater(TableHandle handle) {
    env.afterReaders().accept(handle::release);
  }

  private void closeElsewhere(TableHandle handle) {
    try {
      env.closer().execute(() -> close(handle));
    } catch (RejectedExecutionException e) {
      close(handle); // the store has been closed, and nobody waits any more
    }
  }

  private void close(TableHandle handle) {
    live.remove(handle);
    handle.reader().close();
  }

  /**
   * How many tables the cache keeps open.
   *
   * @return a count, not above the limit
   */
  public int openTables() {
    synchronized (clockLock) {
      return open;
    }
  }

  /**
   * Closes all tables, those that somebody still holds a reference to as well, and opens no more:
   * their next read throws {@link DbClosedException}. No lookup runs any more. Closing twice is
   * fine.
   */
  @Override
  public void close() {
    synchronized (clockLock) {
      closed = true;
      while (open > 0) {
        remove(slots[open - 1]);
      }
    }
    live.forEach(handle -> handle.reader().close());
  }

  /**
   * The collaborators and the size of a table cache.
   *
   * @param fs the file system
   * @param directory of the store
   * @param blocks where the tables keep their blocks
   * @param owner whom those blocks are counted for
   * @param maxOpen how many tables stay open at most, apart from those in use; at least 1
   * @param afterReaders runs an action when every lookup that is under way now has ended
   * @param closer closes files: to give a large file that has been deleted back to the system takes
   *     tens of milliseconds, which are not for whoever happens to be its last reader
   */
  public record Env(
      FileSystem fs,
      Path directory,
      ShardedBlockCache blocks,
      ShardedBlockCache.Owner owner,
      int maxOpen,
      Consumer<Runnable> afterReaders,
      Executor closer) {
    /** Checks the values. */
    public Env {
      Objects.requireNonNull(fs, "fs");
      Objects.requireNonNull(directory, "directory");
      Objects.requireNonNull(blocks, "blocks");
      Objects.requireNonNull(owner, "owner");
      Objects.requireNonNull(afterReaders, "afterReaders");
      Objects.requireNonNull(closer, "closer");
      if (maxOpen < 1) {
        throw new IllegalArgumentException("maxOpen must be at least 1");
      }
    }
  }
}
