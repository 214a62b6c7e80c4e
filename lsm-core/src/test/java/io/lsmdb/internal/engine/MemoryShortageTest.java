package io.lsmdb.internal.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.InsufficientMemoryException;
import io.lsmdb.testing.CrashMode;
import io.lsmdb.testing.FaultyFileSystem;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Background work that meets an {@link OutOfMemoryError}, anywhere: it is done later. */
class MemoryShortageTest {
  private static final int KEYS = 60;

  private final Map<String, String> model = new TreeMap<>();

  private void write(SmallStore store, int round) {
    for (int i = 0; i < KEYS; i++) {
      String key = "k" + i;
      if (i % 7 == round) {
        store.delete(key);
        model.remove(key);
      } else {
        store.put(key, round + "-" + i);
        model.put(key, round + "-" + i);
      }
    }
  }

  private void check(SmallStore store) {
    for (int i = 0; i < KEYS; i++) {
      assertEquals(model.get("k" + i), store.get("k" + i));
    }
  }

  /** Lets the n-th change of tables and manifest fail; returns how many have been seen. */
  private static AtomicInteger failAt(SmallStore store, int nth) {
    AtomicInteger seen = new AtomicInteger();
    store.fs.observe(
        (index, operation, path) -> {
          if (!isCalledByLog() && seen.incrementAndGet() == nth) {
            throw new OutOfMemoryError("injected");
          }
        });
    return seen;
  }

  private static boolean isCalledByLog() {
    return StackWalker.getInstance()
        .walk(frames -> frames.anyMatch(frame -> frame.getClassName().contains(".wal.")));
  }

  private static boolean succeeds(Runnable work) {
    try {
      work.run();
      return true;
    } catch (InsufficientMemoryException e) {
      assertTrue(e.getMessage().contains("-Xmx"), e.getMessage());
      return false;
    }
  }

  @Test
  void flushesAndCompactionsAreTriedAgain() {
    int shortages = 0;
    int nth = 0;
    AtomicInteger seen;
    do {
      nth++;
      model.clear();
      SmallStore store = SmallStore.create();
      write(store, 0);
      store.flush();
      write(store, 1);
      seen = failAt(store, nth);
      shortages += succeeds(store::flush) ? 0 : 1;
      write(store, 2);
      check(store);
      shortages += succeeds(store::flush) ? 0 : 1;
      shortages += succeeds(store::compact) ? 0 : 1;
      write(store, 3);
      shortages += succeeds(store::compact) ? 0 : 1;
      check(store);
      store.fs.observe((index, operation, path) -> {});
      store.flush();
      store.reopen();
      check(store);
    } while (seen.get() >= nth);
    assertTrue(nth > 30, "changes " + nth);
    // The others hit compactions that no call waits for, which are tried again unnoticed.
    assertTrue(shortages > 10, "shortages " + shortages + " of " + nth);
  }

  @Test
  void aStoreThatFindsNoMemoryToBeOpenedIsOpenedLater() {
    SmallStore store = SmallStore.create();
    write(store, 0);
    store.flush();
    write(store, 1);
    int nth = 0;
    boolean isOpen = false;
    while (!isOpen) {
      nth++;
      store.disk = store.disk.crashImage(CrashMode.KEEP_ALL, nth);
      store.fs = new FaultyFileSystem(store.disk);
      AtomicInteger left = new AtomicInteger(nth);
      store.fs.observe(
          (index, operation, path) -> {
            if (left.decrementAndGet() == 0) {
              throw new OutOfMemoryError("injected");
            }
          });
      isOpen = succeeds(store::open);
    }
    assertTrue(nth > 10, "attempts " + nth);
    store.fs.observe((index, operation, path) -> {});
    check(store);
    write(store, 2);
    store.reopen();
    check(store);
  }
}
