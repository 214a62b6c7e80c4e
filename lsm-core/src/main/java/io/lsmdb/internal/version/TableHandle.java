package io.lsmdb.internal.version;

import io.lsmdb.internal.table.TableReader;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * An open table with a count of those who need it open.
 *
 * <p>Thread-safe. Born with one reference, the table cache's; iterators add theirs. When the last
 * one is given back, the table cache has the reader closed.
 */
public final class TableHandle {
  private final TableReader reader;
  private final Consumer<TableHandle> unused;
  private final AtomicInteger references = new AtomicInteger(1);

  /** Whether a lookup used the table since the cache last looked; a racy hint. */
  boolean used = true;

  /** Where the cache keeps the table; guarded by the cache's lock. */
  int slot = -1;

  /**
   * Creates a handle with one reference.
   *
   * @param reader the open table
   * @param unused is told when nobody needs the table any more
   */
  TableHandle(TableReader reader, Consumer<TableHandle> unused) {
    this.reader = reader;
    this.unused = unused;
  }

  /**
   * The open table.
   *
   * @return usable while a reference is held, or inside the read gate of the engine
   */
  public TableReader reader() {
    return reader;
  }

  /**
   * Adds a reference.
   *
   * @return false when the table is closed already; get a new handle then
   */
  public boolean tryRetain() {
    for (int n = references.get(); n > 0; n = references.get()) {
      if (references.compareAndSet(n, n + 1)) {
        return true;
      }
    }
    return false;
  }

  /** Gives a reference back. */
  public void release() {
    if (references.decrementAndGet() == 0) {
      unused.accept(this);
    }
  }
}
