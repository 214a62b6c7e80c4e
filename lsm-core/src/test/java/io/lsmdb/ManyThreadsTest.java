package io.lsmdb;

import static io.lsmdb.TestStores.key;
import static io.lsmdb.TestStores.value;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.internal.base.StripedPool;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What threads keep that have read from a store: nothing. */
class ManyThreadsTest {
  private static final int THREADS = 300;

  /** Fewer than there are pooled buffers read at the same time. */
  private static final int TOGETHER = 8;

  @TempDir Path directory;

  @Test
  void readersHoldNoDirectMemoryOfTheirOwn() throws InterruptedException, ExecutionException {
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    CountDownLatch end = new CountDownLatch(1);
    try (Db db = Db.open(directory, DbOptions.builder().blockCacheSize(0).build())) {
      for (int i = 0; i < THREADS; i++) {
        db.put(key(i), value(i, 1_000));
      }
      db.flush();
      long before = directBytes();
      List<CountDownLatch> read = new ArrayList<>();
      List<Future<?>> all = new ArrayList<>();
      for (int t = 0; t < THREADS; t++) {
        int number = t;
        CountDownLatch done = new CountDownLatch(1);
        read.add(done);
        all.add(
            threads.submit(
                () -> {
                  try {
                    assertArrayEquals(value(number, 1_000), db.get(key(number)));
                  } finally {
                    done.countDown();
                  }
                  end.await(); // the thread lives on
                  return null;
                }));
        if (t >= TOGETHER) {
          read.get(t - TOGETHER).await();
        }
      }
      for (CountDownLatch done : read) {
        done.await();
      }
      long more = directBytes() - before;
      end.countDown();
      for (Future<?> one : all) {
        one.get();
      }
      assertTrue(more <= StripedPool.SLOTS * 65_536L, more + " bytes for all threads");
    } finally {
      end.countDown();
      threads.shutdown();
    }
  }

  private static long directBytes() {
    return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
        .filter(pool -> pool.getName().equals("direct"))
        .mapToLong(BufferPoolMXBean::getMemoryUsed)
        .sum();
  }
}
