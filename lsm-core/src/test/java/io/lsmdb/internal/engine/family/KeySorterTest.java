package io.lsmdb.internal.engine.family;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.internal.iterator.InternalIterator;
import io.lsmdb.internal.key.InternalKey;
import io.lsmdb.internal.memtable.ChunkPool;
import io.lsmdb.internal.memtable.MemTable;
import io.lsmdb.internal.memtable.MemTablePins;
import io.lsmdb.testing.SteppedExecutors;
import java.nio.ByteBuffer;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Keys of memtables sorted while these fill. */
class KeySorterTest {
  private static final int KEYS = 3 * MemTable.SORTED_TOGETHER + 1_000;

  private final MemTableRef memtable =
      new MemTableRef(new MemTable(new ChunkPool(0), false, MemTablePins.UNKNOWN));

  private void fill(KeySorter sorter) {
    fill(sorter, 0, KEYS);
  }

  private void fill(KeySorter sorter, int from, int end) {
    for (int i = from; i < end; i++) {
      byte[] key = ByteBuffer.allocate(8).putLong(i * 0x9E3779B97F4A7C15L).array();
      memtable.table().add(InternalKey.trailer(i + 1, 1), key, 0, 8, key, 0, 8);
      sorter.offer(memtable);
    }
  }

  private void assertComplete() {
    int found = 0;
    InternalIterator cursor = memtable.table().iterator();
    for (cursor.seekToFirst(); cursor.isValid(); cursor.next()) {
      found++;
    }
    assertEquals(KEYS, found);
    assertEquals(0, memtable.table().unorderedKeys());
  }

  @Test
  void fewKeysAreLeftForTheFirstCursor() throws InterruptedException {
    ExecutorService executor = Executors.newSingleThreadExecutor();
    KeySorter sorter = new KeySorter((name, threads) -> executor);
    fill(sorter);
    sorter.close();
    assertTrue(executor.awaitTermination(1, TimeUnit.MINUTES));
    assertTrue(memtable.table().unorderedKeys() < MemTable.SORTED_TOGETHER);
    assertFalse(memtable.isShared(), "is held by nobody else");
    assertComplete();
    memtable.release();
  }

  @Test
  void runsAreMergedInTheBackgroundOnceThereWasACursor() {
    SteppedExecutors executors = new SteppedExecutors(1);
    KeySorter sorter = new KeySorter(executors);
    fill(sorter, 0, KEYS - 1);
    executors.runPending();
    assertFalse(memtable.table().hasKeysToSort(), "nobody needs fewer runs");
    InternalIterator cursor = memtable.table().iterator();
    cursor.seekToFirst();
    assertTrue(memtable.table().hasKeysToSort());
    fill(sorter, KEYS - 1, KEYS); // offers it
    assertTrue(memtable.isShared(), "is held to be sorted");
    assertTrue(memtable.table().hasKeysToSort(), "not by the caller");
    executors.runPending();
    assertFalse(memtable.table().hasKeysToSort());
    assertFalse(memtable.isShared(), "is held by nobody else");
    for (int i = 0; i < KEYS - 1; i++, cursor.next()) {
      assertTrue(cursor.isValid());
    }
    assertComplete();
    memtable.release();
  }

  @Test
  void whatNobodyElseHoldsIsNotSorted() {
    SteppedExecutors executors = new SteppedExecutors(1);
    KeySorter sorter = new KeySorter(executors);
    fill(sorter);
    memtable.release();
    executors.runPending();
    assertTrue(memtable.table().hasKeysToSort());
  }

  @Test
  void nothingIsBegunAfterTheEnd() {
    SteppedExecutors executors = new SteppedExecutors(1);
    KeySorter sorter = new KeySorter(executors);
    sorter.close();
    fill(sorter);
    executors.runPending();
    assertEquals(KEYS, memtable.table().unorderedKeys());
    assertFalse(memtable.isShared(), "is held by nobody else");
    assertComplete();
    memtable.release();
  }

  @Test
  void whereNothingCanBeSortedWritesGoOnAndTheCursorSorts() {
    KeySorter sorter =
        new KeySorter(
            (name, threads) -> {
              throw new RejectedExecutionException("no thread");
            });
    fill(sorter);
    sorter.close();
    assertEquals(KEYS, memtable.table().unorderedKeys());
    assertFalse(memtable.isShared(), "is held by nobody else");
    assertComplete();
    memtable.release();
  }
}
