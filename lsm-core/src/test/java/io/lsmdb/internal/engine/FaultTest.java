package io.lsmdb.internal.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.lsmdb.BackgroundErrorException;
import io.lsmdb.DbClosedException;
import io.lsmdb.DbException;
import io.lsmdb.StorageException;
import io.lsmdb.WriteOptions;
import io.lsmdb.internal.engine.CrashHistory.Change;
import io.lsmdb.internal.engine.CrashHistory.Limits;
import io.lsmdb.testing.CrashMode;
import io.lsmdb.testing.Fault;
import io.lsmdb.testing.FaultyFileSystem;
import io.lsmdb.testing.MemFileSystem;
import io.lsmdb.testing.Seed;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A fault at every operation that changes the disk, of every kind, in a run of everything that a
 * store can do: errors are typed and stick where they must, reads go on, nothing acknowledged is
 * lost, nothing refused appears, nothing stays open.
 */
class FaultTest {
  /** One run with one fault. */
  private static final class Run {
    final MemFileSystem disk = new MemFileSystem();
    final FaultyFileSystem faulty = new FaultyFileSystem(disk);
    final CrashScript script;
    final CrashHistory history;
    final Random random;
    boolean stopped;
    boolean open;

    Run(long seed, boolean mapped) {
      disk.setReservesByZeroFill(mapped);
      script = new CrashScript(faulty, seed, false);
      history = script.history;
      random = new Random(seed);
    }

    /** Does one thing, and judges its failure. */
    void attempt(Runnable action) {
      if (!open) {
        return;
      }
      try {
        action.run();
        assertFalse(stopped && action instanceof Write, "a write after writes were stopped");
      } catch (DbException e) {
        judge(e);
        assertEquals(history.visible(), CrashHistory.read(script.db()), "after " + e);
      }
    }

    private void judge(DbException e) {
      assertNotNull(e.getMessage());
      if (e instanceof BackgroundErrorException) {
        stopped = true;
        assertNotNull(e.getCause());
        assertTrue(e.getMessage().contains("reopen"), e.getMessage());
      } else if (e instanceof StorageException storage) {
        assertFalse(storage.file().isEmpty());
      } else {
        fail("an error of another type than expected: " + e, e);
      }
    }

    /** A write that the history has been told of. */
    private final class Write implements Runnable {
      private final WriteOptions options;
      private final List<Change> changes;

      Write(WriteOptions options, List<Change> changes) {
        this.options = options;
        this.changes = changes;
      }

      @Override
      public void run() {
        boolean logged = !options.equals(WriteOptions.NO_WAL);
        try {
          script.write(options, changes);
        } catch (BackgroundErrorException e) {
          if (!e.inDoubt()) {
            abandon(logged);
          }
          throw e;
        } catch (DbException e) {
          abandon(logged);
          throw e;
        }
      }

      private void abandon(boolean logged) {
        if (logged) {
          history.abandonLogged();
        } else {
          history.abandonUnlogged();
        }
      }
    }

    void write(WriteOptions options, int size, String... places) {
      List<Change> changes = new ArrayList<>();
      for (String place : places) {
        String[] parts = place.split("/");
        if (history.families().contains(parts[0])) {
          changes.add(new Change(parts[0], parts[1], "v" + random.nextInt() + "-".repeat(size)));
        }
      }
      if (!changes.isEmpty()) {
        attempt(new Write(options, changes));
      }
    }

    void delete(String family, String key) {
      attempt(new Write(WriteOptions.BUFFERED, List.of(new Change(family, key, null))));
    }

    void schema(Runnable action) {
      attempt(
          () -> {
            try {
              action.run();
            } catch (DbException e) {
              history.schemaChangeFailed();
              throw e;
            }
          });
    }

    void open() {
      try {
        Limits limits = history.limits();
        script.openUntold();
        CrashHistory.Found found = CrashHistory.read(script.db());
        history.check(found, limits, true);
        history.restart(found);
        open = true;
        stopped = false;
      } catch (DbException e) {
        judge(e);
        assertEquals(List.of(), faulty.openFiles(), "after a failed open");
      }
    }

    void close() {
      if (open) {
        open = false;
        try {
          script.closeUntold();
          if (!stopped) {
            history.allDurable();
          }
        } catch (DbException e) {
          judge(e);
        }
        script.db().close();
        assertEquals(List.of(), faulty.openFiles(), "after close");
        assertClosed();
      }
    }

    private void assertClosed() {
      try {
        script.db().get(new byte[1]);
        fail("a read of a closed store");
      } catch (DbClosedException expected) {
        assertNotNull(expected.getMessage());
      }
    }

    /** Everything once or twice. */
    void everything() {
      open();
      schema(() -> script.create("f1"));
      write(WriteOptions.BUFFERED, 10, "default/k1", "f1/k1");
      write(WriteOptions.SYNC, 10, "default/k2");
      write(WriteOptions.BUFFERED, 900, "f1/k3");
      write(WriteOptions.NO_WAL, 10, "default/u1", "f1/u1");
      write(WriteOptions.SYNC, 900, "f1/k4", "default/k4");
      attempt(() -> script.executors().runPending(200));
      attempt(script::flushAll);
      write(WriteOptions.BUFFERED, 9000, "default/k5");
      write(WriteOptions.BUFFERED, 1200, "default/k1", "f1/k1");
      delete("default", "k2");
      schema(() -> script.create("f2"));
      write(WriteOptions.SYNC, 10, "f2/k1", "default/k6");
      attempt(script::flushAll);
      write(WriteOptions.BUFFERED, 700, "default/k7", "f1/k7");
      attempt(() -> script.compact("default"));
      if (history.families().contains("f2")) {
        schema(() -> script.drop("f2"));
      }
      write(WriteOptions.BUFFERED, 10, "f1/k2");
      close();
      open();
      write(WriteOptions.SYNC, 10, "default/k8", "f1/k8");
      write(WriteOptions.BUFFERED, 10, "default/k9");
      write(WriteOptions.NO_WAL, 10, "default/u2");
      close();
    }

    /** The faults are over: the store opens, with what it must have, and works. */
    void afterwards() {
      faulty.clearFaults();
      Limits limits = history.limits();
      MemFileSystem powerLoss = disk.crashImage(CrashMode.DROP_ALL, 0);
      script.crashed(powerLoss);
      history.check(reopened(), limits, false);
      script.crashed(faulty);
      history.check(reopened(), limits, true);
      assertEquals(List.of(), faulty.openFiles(), "at the end");
    }

    private CrashHistory.Found reopened() {
      script.openUntold();
      CrashHistory.Found found = CrashHistory.read(script.db());
      script.db().put(new byte[] {1}, new byte[] {2}, WriteOptions.SYNC);
      script.executors().during(script.db()::close);
      return found;
    }
  }

  private static void everyFault(long seed, boolean mapped, int stride) {
    Run counting = new Run(seed, mapped);
    counting.everything();
    int operations = counting.faulty.operations();
    int injected = 0;
    for (int i = 1 + (int) (seed % stride); i <= operations; i += stride) {
      for (Fault fault : Fault.values()) {
        Run run = new Run(seed, mapped);
        run.faulty.failAt(i, fault);
        try {
          run.everything();
          run.afterwards();
        } catch (RuntimeException | AssertionError e) {
          List<String> trace = run.faulty.trace();
          throw new AssertionError(
              fault + " at operation " + i + ", " + (i <= trace.size() ? trace.get(i - 1) : "?"),
              e);
        }
        injected += run.faulty.injectedFaults();
      }
    }
    assertTrue(injected >= operations / stride, "faults: " + injected);
  }

  @Test
  void everyFaultOfAMappedLogIsTypedAndLosesNothing() {
    Seed.check(1, seed -> everyFault(seed, true, 1));
  }

  @Test
  void everyFaultOfALogOfOrdinaryWritesIsTypedAndLosesNothing() {
    Seed.check(1, seed -> everyFault(seed, false, 1));
  }

  @Tag("soak")
  @Test
  void manyRunsWithFaults() {
    Seed.check(20, seed -> everyFault(seed, seed % 2 == 0, 1));
  }
}
