package io.lsmdb.internal.engine.read;

import io.lsmdb.ReadOptions;
import io.lsmdb.internal.engine.family.ColumnFamilyState;
import io.lsmdb.internal.engine.family.KeySorter;
import io.lsmdb.internal.engine.family.MemTableRef;
import io.lsmdb.internal.engine.family.ReadState;
import io.lsmdb.internal.iterator.InternalIterator;
import io.lsmdb.internal.iterator.MergingIterator;
import io.lsmdb.internal.range.RangeCover;
import io.lsmdb.internal.version.LevelIterator;
import io.lsmdb.internal.version.SkippingIterator;
import io.lsmdb.internal.version.TableCache;
import java.util.ArrayList;
import java.util.List;

/** Opens cursors over all versions in a read state. Thread-safe. */
public final class FamilyCursors {
  private final TableCache tables;
  private final KeySorter sorter;

  public FamilyCursors(TableCache tables, KeySorter sorter) {
    this.tables = tables;
    this.sorter = sorter;
  }

  /** A cursor over all versions in a read state but those hidden in tables at a sequence. */
  InternalIterator open(ColumnFamilyState family, ReadOptions options, ReadState read, long at) {
    family.scanDetector().noteCursor();
    List<InternalIterator> children = new ArrayList<>();
    try {
      add(read.mutable(), children);
      for (MemTableRef immutable : read.immutables()) {
        add(immutable, children);
      }
      List<LevelIterator> files = new ArrayList<>();
      read.version().addIterators(tables, options, family.options().prefixLength(), files);
      for (LevelIterator level : files) {
        RangeCover hidden = read.cover(at);
        children.add(hidden == null ? level : new SkippingIterator(level, hidden));
      }
      return MergingIterator.of(children);
    } catch (RuntimeException | Error e) {
      children.forEach(InternalIterator::close);
      throw e;
    }
  }

  /** Adds a memtable's cursor; what enters an empty one from now on is not visible anyway. */
  private void add(MemTableRef memtable, List<InternalIterator> children) {
    if (!memtable.table().isEmpty()) {
      sorter.offer(memtable); // before it knows this cursor, which may be the only one
      children.add(memtable.table().iterator());
    }
  }

  /** Has the memtables sorted that a cursor seeks in often. */
  void seeksOften(ReadState pinned) {
    sorter.offer(pinned.mutable());
    for (MemTableRef immutable : pinned.immutables()) {
      sorter.offer(immutable);
    }
  }
}
