package io.lsmdb.internal.engine.background;

import io.lsmdb.DbException;
import io.lsmdb.internal.engine.family.ColumnFamilyState;
import io.lsmdb.internal.engine.family.FamilyRegistry;
import io.lsmdb.internal.engine.family.MemTableRef;
import io.lsmdb.internal.engine.runtime.DbMutex;
import io.lsmdb.internal.engine.runtime.FailureLatch;
import io.lsmdb.internal.engine.runtime.ReadGate;
import io.lsmdb.internal.engine.write.CommitPipeline;
import io.lsmdb.internal.engine.write.CommitQueue;
import io.lsmdb.internal.engine.write.MemTableSealer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Seals memtables on request, and waits for their flush. Thread-safe. */
public final class FlushRequests {
  private final Env env;
  private final DbMutex mutex;
  private final FamilyRegistry families;
  private final CommitQueue queue;
  private final CommitPipeline pipeline;
  private final BackgroundWorker background;
  private final CallbackRules rules;

  /**
   * The parts of a store that requests use.
   *
   * @param mutex guards the families, and is waited at
   * @param families those of the store
   * @param sealer seals memtables
   * @param gate refuses requests to a closed store
   * @param failure ends requests
   * @param atomicFlush whether all families are flushed together
   */
  public record Env(
      DbMutex mutex,
      FamilyRegistry families,
      MemTableSealer sealer,
      ReadGate gate,
      FailureLatch failure,
      boolean atomicFlush) {}

  /**
   * Creates the requests of a store.
   *
   * @param env the parts that they use
   * @param queue seals between commits
   * @param pipeline refuses requests while the store is being closed
   * @param background flushes
   * @param rules refuses to wait where that would never end
   */
  public FlushRequests(
      Env env,
      CommitQueue queue,
      CommitPipeline pipeline,
      BackgroundWorker background,
      CallbackRules rules) {
    this.env = env;
    this.mutex = env.mutex();
    this.families = env.families();
    this.queue = queue;
    this.pipeline = pipeline;
    this.background = background;
    this.rules = rules;
  }

  /** Seals the memtables of some families, and waits until they are in tables. */
  public void flushAndWait(List<ColumnFamilyState> some) {
    rules.checkMayWait();
    await(seal(some));
  }

  /** Waits until sealed memtables are in tables; throws when that cannot be. */
  public void await(Collection<MemTableRef> waiting) {
    Set<MemTableRef> memtables = new HashSet<>(waiting);
    while (mutex.get(() -> anyWaits(memtables))) {
      long attempts = background.attempts();
      background.retry();
      mutex.await(() -> !anyWaits(memtables) || cannotFlush(attempts), Long.MAX_VALUE);
      if (mutex.get(() -> anyWaits(memtables))) {
        env.failure().check();
        DbException shortage = background.shortageSince(attempts);
        if (shortage != null) {
          throw shortage;
        }
        if (background.isClosing()) {
          throw env.gate().closedException();
        }
      }
    }
  }

  /** Seals the memtables of some families; returns all that wait for their flush now. */
  public List<MemTableRef> seal(List<ColumnFamilyState> some) {
    env.gate().checkOpen();
    env.failure().check();
    List<MemTableRef> waiting = new ArrayList<>();
    queue.exclusively(
        () -> {
          pipeline.checkOpen();
          waiting.addAll(sealNow(some));
        });
    return waiting;
  }

  /** Seals the memtables with writes that are in no log; as commit leader. */
  public List<MemTableRef> sealUnlogged() {
    return sealNow(
        mutex.get(
            () -> families.all().stream().filter(ColumnFamilyState::hasUnloggedWrites).toList()));
  }

  /** Seals the memtables of all families; as commit leader. */
  public List<MemTableRef> sealAll() {
    return sealNow(families.all());
  }

  private List<MemTableRef> sealNow(List<ColumnFamilyState> some) {
    // An atomic flush is one of all families, even if the ones that were asked for are empty.
    Collection<ColumnFamilyState> concerned = env.atomicFlush() ? families.all() : some;
    List<MemTableRef> waiting = new ArrayList<>();
    env.sealer().sealAll(concerned);
    mutex.run(() -> concerned.forEach(family -> waiting.addAll(family.immutables())));
    return waiting;
  }

  private boolean anyWaits(Set<MemTableRef> memtables) {
    return families.all().stream()
        .anyMatch(family -> family.immutables().stream().anyMatch(memtables::contains));
  }

  private boolean cannotFlush(long attemptsBefore) {
    return env.failure().isSet()
        || background.shortageSince(attemptsBefore) != null
        || background.isClosing();
  }
}
