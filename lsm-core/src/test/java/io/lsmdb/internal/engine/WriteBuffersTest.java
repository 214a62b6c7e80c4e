package io.lsmdb.internal.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.ColumnFamily;
import io.lsmdb.DbOptions;
import io.lsmdb.DbStats;
import io.lsmdb.EventListener.StallCause;
import io.lsmdb.StallTimeoutException;
import io.lsmdb.WriteOptions;
import io.lsmdb.internal.engine.runtime.EngineTuning;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The cap on the memory of all memtables together. */
class WriteBuffersTest {
  private static final int CAP = 4 << 20;

  /** A memtable may take memory in pieces of this size beyond what a write needs. */
  private static final int PIECE = 1 << 20;

  private static final WriteOptions AT_ONCE =
      WriteOptions.builder().stallTimeout(Duration.ZERO).build();

  private final SmallStore store = new SmallStore();
  private final List<ColumnFamily> families = new ArrayList<>();
  private int puts;

  private void open(DbOptions.Builder options) {
    store.tuning = EngineTuning.USUAL;
    store.options = options.dbWriteBufferSize(CAP).build();
    store.open();
    for (int i = 0; i < 40; i++) {
      families.add(store.db.createColumnFamily("f" + i));
    }
  }

  /** Writes to the next family, refused where it would have to wait. */
  private void put() {
    ColumnFamily family = families.get(puts % families.size());
    family.put(CrashScript.bytes("key" + puts), new byte[400], AT_ONCE);
    puts++;
  }

  private long memory() {
    return store.db.stats().families().stream().mapToLong(DbStats.FamilyStats::memtableBytes).sum();
  }

  @Test
  void memtablesFarFromFullAreFlushedBeforeTheyTakeTooMuchTogether() {
    open(DbOptions.builder());
    long largest = 0;
    for (int i = 0; i < 30_000; i++) {
      put();
      if (i % 50 == 0) {
        store.executors.runPending();
        largest = Math.max(largest, memory());
      }
    }
    assertTrue(largest > CAP / 4, largest + " bytes");
    assertTrue(largest <= CAP / 2 + PIECE, largest + " bytes");
    assertEquals(Set.of(), store.db.stats().stalls().keySet());
    for (int i = 0; i < puts; i++) {
      assertNotNull(families.get(i % families.size()).get(CrashScript.bytes("key" + i)));
    }
    store.close();
  }

  @Test
  void writesOfAllFamiliesWaitAtTheCapForAFlush() {
    open(DbOptions.builder());
    StallTimeoutException refused =
        assertThrows(
            StallTimeoutException.class,
            () -> {
              while (puts < 100_000) {
                put();
              }
            });
    assertTrue(refused.getMessage().contains("memtables in the whole store"), refused.getMessage());
    assertEquals(Set.of(StallCause.WRITE_BUFFERS), store.db.stats().stalls().keySet());
    assertTrue(memory() <= CAP + PIECE, memory() + " bytes");
    byte[] key = CrashScript.bytes("key");
    store.executors.during(() -> store.db.put(key, key));
    assertNotNull(store.db.get(key));
    store.executors.runPending();
    put();
    store.close();
  }

  /** Small memtables are not worth sealing, even if all together are beyond the bound. */
  @Test
  void afterManySmallMemtablesTheBoundHoldsAgain() {
    open(DbOptions.builder());
    for (int i = families.size(); i < 200; i++) {
      families.add(store.db.createColumnFamily("f" + i));
    }
    while (memory() < CAP) {
      for (int i = 0; i < families.size(); i++) {
        put();
      }
    }
    store.flush();
    for (int i = 0; i < 20_000; i++) {
      store.db.put(CrashScript.bytes("key" + i), new byte[400], AT_ONCE);
      if (i % 50 == 0) {
        store.executors.runPending();
        assertTrue(memory() <= CAP / 2 + PIECE, memory() + " bytes");
      }
    }
    store.close();
  }

  @Test
  void theMemoryOfDroppedFamiliesCountsNoMore() {
    open(DbOptions.builder());
    for (int round = 0; round < 20; round++) {
      for (int i = 0; i < 2_000; i++) {
        put();
      }
      for (int i = 0; i < families.size(); i++) {
        ColumnFamily old = families.get(i);
        store.executors.during(() -> store.db.dropColumnFamily(old));
        families.set(i, store.db.createColumnFamily(old.name()));
      }
    }
    assertEquals(Set.of(), store.db.stats().stalls().keySet());
    store.close();
  }

  @Test
  void whatTheLogBringsBackCounts() {
    open(DbOptions.builder());
    for (int i = 0; i < 3_000; i++) {
      put();
    }
    store.close();
    store.open();
    families.clear();
    families.addAll(store.db.columnFamilies());
    for (int i = 0; i < 30_000; i++) {
      put();
      if (i % 50 == 0) {
        store.executors.runPending();
        assertTrue(memory() <= CAP / 2 + PIECE, memory() + " bytes");
      }
    }
    store.close();
  }
}
