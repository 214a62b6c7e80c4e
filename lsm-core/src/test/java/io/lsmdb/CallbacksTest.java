package io.lsmdb;

import static io.lsmdb.TestStores.bytes;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.testing.MemFileSystem;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

/**
 * Every kind of call from inside every kind of callback: it works or is refused, and never hangs.
 */
@Timeout(120)
class CallbacksTest {
  private static final long LIMIT_MILLIS = 30_000;
  private static final byte[] KEY = bytes("k");

  /** What the user's code does, given the store. */
  private interface Action {
    void run(Db db) throws Exception;
  }

  /** A store whose callbacks run an action once, when they are armed. */
  private static final class Store implements AutoCloseable {
    private final AtomicReference<Action> armed = new AtomicReference<>();
    private volatile Throwable thrown;
    private final CountDownLatch ran = new CountDownLatch(1);
    private volatile boolean inTimeSource;
    private volatile boolean inCombine;
    private volatile boolean inMerge;
    private final Db db;
    private final ColumnFamily merging;
    private final ColumnFamily filtered;
    private final ColumnFamily expiring;

    Store() {
      EventListener listener =
          new EventListener() {
            @Override
            public void onFlush(String family, long entries, long bytes) {
              runWhen(family.equals("listened"));
            }
          };
      DbOptions options =
          TestStores.tinyOptions()
              .listener(listener)
              .timeSource(
                  () -> {
                    runWhen(inTimeSource);
                    return 1_000;
                  })
              .build();
      db = TestStores.open(new MemFileSystem(), options);
      merging =
          db.createColumnFamily(
              "merging", TestStores.tinyFamily().mergeOperator(new Operator()).build());
      CompactionFilter filter =
          candidate -> {
            run();
            return CompactionFilter.Decision.KEEP;
          };
      filtered =
          db.createColumnFamily(
              "filtered", TestStores.tinyFamily().compactionFilter(filter).build());
      expiring =
          db.createColumnFamily(
              "expiring", TestStores.tinyFamily().timeToLive(Duration.ofHours(1)).build());
      db.createColumnFamily("other");
      db.createColumnFamily("listened");
      db.put(KEY, KEY);
      expiring.put(KEY, KEY);
    }

    private final class Operator implements AssociativeMergeOperator {
      @Override
      public String name() {
        return "last";
      }

      @Override
      public byte[] merge(MergeInput input) {
        runWhen(inMerge);
        return KEY;
      }

      @Override
      public byte[] combine(MergeInput operands) {
        runWhen(inCombine);
        return KEY;
      }
    }

    void runWhen(boolean armedHere) {
      if (armedHere) {
        run();
      }
    }

    /** Runs the armed action, once, and keeps what it throws. */
    void run() {
      Action action = armed.getAndSet(null);
      if (action != null) {
        try {
          action.run(db);
        } catch (Throwable e) {
          thrown = e;
        }
        ran.countDown();
      }
    }

    @Override
    public void close() {
      db.close();
    }
  }

  private static Map<String, Consumer<Store>> callbacks() {
    Map<String, Consumer<Store>> all = new LinkedHashMap<>();
    all.put("value reader", s -> s.db.get(KEY, value -> runIn(s)));
    all.put(
        "value reader of a snapshot",
        s -> {
          try (Snapshot snapshot = s.db.snapshot()) {
            snapshot.of(s.expiring).get(KEY, value -> runIn(s));
          }
        });
    all.put(
        "merge operator of a get",
        s -> {
          s.merging.merge(KEY, KEY);
          s.inMerge = true;
          s.merging.get(KEY);
        });
    all.put(
        "merge operator of a cursor",
        s -> {
          s.merging.merge(KEY, KEY);
          s.inMerge = true;
          try (DbIterator cursor = s.merging.iterate()) {
            cursor.seekToFirst();
          }
        });
    all.put(
        "merge operator of a write",
        s -> {
          s.inCombine = true;
          for (int i = 0; i < 5; i++) {
            s.merging.merge(KEY, KEY);
          }
        });
    all.put(
        "compaction filter",
        s -> {
          s.filtered.put(KEY, KEY);
          s.filtered.compact(null, null);
        });
    all.put(
        "time source of a get",
        s -> {
          s.inTimeSource = true;
          s.expiring.get(KEY);
        });
    all.put(
        "time source of a put",
        s -> {
          s.inTimeSource = true;
          s.expiring.put(KEY, KEY);
        });
    all.put(
        "time source of a cursor",
        s -> {
          s.inTimeSource = true;
          s.expiring.iterate().close();
        });
    all.put(
        "time source of a flush",
        s -> {
          s.inTimeSource = true;
          s.db.flush();
        });
    all.put(
        "function of a compute",
        s ->
            s.db.compute(
                KEY,
                old -> {
                  s.run();
                  return old;
                }));
    all.put(
        "event listener",
        s -> {
          ColumnFamily listened = s.db.columnFamily("listened").orElseThrow();
          listened.put(KEY, KEY);
          s.db.flush(List.of(listened));
        });
    all.put(
        "consumer of a stream",
        s -> {
          try (var entries = s.db.stream(ReadOptions.DEFAULT)) {
            entries.forEach(entry -> s.run());
          }
        });
    return all;
  }

  private static Object runIn(Store store) {
    store.run();
    return null;
  }

  private static Map<String, Action> actions() {
    Map<String, Action> all = new LinkedHashMap<>();
    all.put("close", Db::close);
    all.put("flush", Db::flush);
    all.put("compact", Db::compact);
    all.put("put", db -> db.put(bytes("p"), KEY));
    all.put("sync put", db -> db.put(bytes("p"), KEY, WriteOptions.SYNC));
    all.put("write", db -> db.write(new WriteBatch().delete(bytes("p"))));
    all.put("compute", db -> db.compute(bytes("p"), old -> KEY));
    all.put("get", db -> db.get(KEY));
    all.put("iterate", db -> db.iterate().close());
    all.put("snapshot", db -> db.snapshot().close());
    all.put("create", db -> db.createColumnFamily("new"));
    all.put("drop", db -> db.dropColumnFamily(db.columnFamily("other").orElseThrow()));
    all.put("delete files", db -> db.deleteFilesInRange(null, null));
    all.put("statistics", Db::stats);
    return all;
  }

  @TestFactory
  List<DynamicTest> noCallFromACallbackHangs() {
    List<DynamicTest> tests = new ArrayList<>();
    callbacks()
        .forEach(
            (callback, trigger) ->
                actions()
                    .forEach(
                        (name, action) ->
                            tests.add(
                                DynamicTest.dynamicTest(
                                    name + " in the " + callback,
                                    () -> check(callback, trigger, name, action)))));
    return tests;
  }

  private static void check(String callback, Consumer<Store> trigger, String name, Action action)
      throws InterruptedException {
    Store store = new Store();
    store.armed.set(action);
    AtomicReference<Throwable> outside = new AtomicReference<>();
    within(
        () -> {
          try {
            trigger.accept(store);
          } catch (DbClosedException e) {
            outside.set(e); // the callback has closed it, where that is not refused
          }
        });
    assertTrue(store.ran.await(LIMIT_MILLIS, TimeUnit.MILLISECONDS), "the callback was not called");
    if (store.thrown != null) {
      assertInstanceOf(IllegalStateException.class, store.thrown);
      assertTrue(store.thrown.getMessage().contains("/store"), store.thrown.getMessage());
    }
    boolean mayClose =
        callback.equals("consumer of a stream") || callback.equals("merge operator of a cursor");
    if (name.equals("close")) {
      assertEquals(mayClose, store.thrown == null);
    }
    if (callback.startsWith("value reader") && !name.equals("close")) {
      assertNull(store.thrown);
    }
    if (!name.equals("close") || !mayClose) {
      assertNull(outside.get());
      within(() -> store.db.put(KEY, bytes("after"), WriteOptions.SYNC));
      assertArrayEquals(bytes("after"), store.db.get(KEY));
    }
    within(store::close);
  }

  /** Runs something that must not hang. */
  private static void within(Runnable action) throws InterruptedException {
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                action.run();
              } catch (Throwable e) {
                thrown.set(e);
              }
            });
    thread.setDaemon(true);
    thread.start();
    thread.join(LIMIT_MILLIS);
    if (thread.isAlive()) {
      AssertionError hangs = new AssertionError("it hangs");
      hangs.setStackTrace(thread.getStackTrace());
      throw hangs;
    }
    if (thrown.get() != null) {
      throw new AssertionError(thrown.get());
    }
  }

  @Test
  void aStoreCanBeClosedFromAReaderOfAnotherStore() throws InterruptedException {
    Store first = new Store();
    Store second = new Store();
    first.armed.set(db -> second.close());
    within(() -> first.db.get(KEY, value -> runIn(first)));
    assertNull(first.thrown);
    within(first::close);
  }

  @Test
  void aReaderThatCallsCloseDoesNotStopOneThatCloses() throws InterruptedException {
    Store store = new Store();
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch closing = new CountDownLatch(1);
    AtomicReference<Throwable> refused = new AtomicReference<>();
    Thread reader =
        new Thread(
            () ->
                store.db.get(
                    KEY,
                    value -> {
                      inside.countDown();
                      try {
                        closing.await();
                        store.db.close();
                      } catch (Throwable e) {
                        refused.set(e);
                      }
                      return null;
                    }));
    reader.setDaemon(true);
    reader.start();
    inside.await();
    Thread closer = new Thread(store::close);
    closer.setDaemon(true);
    closer.start();
    while (closer.getState() == Thread.State.RUNNABLE || closer.getState() == Thread.State.NEW) {
      Thread.onSpinWait();
    }
    closing.countDown();
    reader.join(LIMIT_MILLIS);
    closer.join(LIMIT_MILLIS);
    assertFalse(reader.isAlive());
    assertFalse(closer.isAlive());
    assertInstanceOf(IllegalStateException.class, refused.get());
  }
}
