package io.lsmdb.internal.base;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class StripedPoolTest {
  private final AtomicInteger made = new AtomicInteger();
  private final StripedPool<int[]> pool =
      new StripedPool<>(() -> new int[] {made.incrementAndGet()});

  @Test
  void aThreadGetsWhatItHasGivenBack() {
    int[] first = pool.take();
    pool.give(first);
    assertSame(first, pool.take());
    assertEquals(1, made.get());
  }

  @Test
  void noMoreThanTheSlotsAreMadeAndAllAreFound() {
    List<int[]> taken = new ArrayList<>();
    for (int i = 0; i < StripedPool.SLOTS; i++) {
      taken.add(pool.take());
      assertNotNull(taken.get(i));
    }
    assertNull(pool.take());
    taken.forEach(pool::give);
    for (int i = 0; i < StripedPool.SLOTS; i++) {
      assertNotNull(pool.take());
    }
    assertNull(pool.take());
    assertEquals(StripedPool.SLOTS, made.get());
  }

  @Test
  void aMakerThatFailsTakesNoSlot() {
    AtomicBoolean failing = new AtomicBoolean(true);
    StripedPool<Object> unreliable =
        new StripedPool<>(
            () -> {
              if (failing.get()) {
                throw new IllegalStateException("no memory");
              }
              return new Object();
            });
    for (int i = 0; i < 2 * StripedPool.SLOTS; i++) {
      assertThrows(IllegalStateException.class, unreliable::take);
    }
    failing.set(false);
    assertNotNull(unreliable.take());
  }

  @Test
  void nothingIsWithTwoThreadsAtATime() throws InterruptedException {
    AtomicInteger wrong = new AtomicInteger();
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 3 * StripedPool.SLOTS; t++) {
      Thread thread =
          new Thread(
              () -> {
                for (int i = 0; i < 2_000; i++) {
                  int[] taken = pool.take();
                  if (taken != null) {
                    int number = taken[0];
                    taken[0] = -1;
                    Thread.onSpinWait();
                    wrong.addAndGet(number < 0 || taken[0] != -1 ? 1 : 0);
                    taken[0] = number;
                    pool.give(taken);
                  }
                }
              });
      threads.add(thread);
      thread.start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertEquals(0, wrong.get());
    int left = 0;
    while (pool.take() != null) {
      left++;
    }
    assertEquals(StripedPool.SLOTS, left);
    assertEquals(StripedPool.SLOTS, made.get());
  }
}
