package io.lsmdb.internal.engine.write;

import io.lsmdb.DbException;
import io.lsmdb.internal.base.BatchEncoder;
import io.lsmdb.internal.base.BatchReader;
import io.lsmdb.internal.base.ValueKind;
import io.lsmdb.internal.engine.family.ColumnFamilyState;
import io.lsmdb.internal.engine.family.VisibleSequence;
import io.lsmdb.internal.key.InternalKey;
import io.lsmdb.internal.memtable.MemTable;

/**
 * What the commit leader does with a group: seal full memtables, number the operations, append them
 * to the log, insert them into memtables, publish them.
 *
 * <p>Used by one thread at a time, the leader.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>Sequence numbers grow by one an operation, over all families and both log modes.
 *   <li>Nothing of a group becomes visible before all of it is in the log and in the memtables.
 *   <li>A failure between the first log byte and publication publishes nothing and stops all
 *       further writes: the log may hold the group or not, and nobody may build on either.
 *   <li>A request that is invalid by itself (its family has been dropped) fails alone.
 *   <li>A synced request is done only when everything logged before it is durable, also where it
 *       has no operation to log.
 *   <li>The memory that a group takes is set aside before its first log byte ({@link GroupMemory}):
 *       a group for which there is none fails alone, and nothing of it is recorded.
 * </ol>
 */
public final class CommitPipeline {
  /** So much of a memtable may be in use before a group, and so much may the group's batch add. */
  private static final long MAX_BATCH_MEMORY = MemTable.MAX_MEMORY_USAGE / 2 - (64 << 20);

  /** From this size on, in bytes, a batch counts at once against the cap of all memtables. */
  private static final int LARGE_BATCH = 64 << 10;

  /** More than a memtable needs for an operation besides key and value, in bytes. */
  private static final long MEMORY_PER_OPERATION = 160;

  // The steps of an insertion.
  private static final int NOT_READ = 0;
  private static final int READ = 1;
  private static final int COUNTED = 2;
  private static final int INSERTED = 3;

  private final CommitEnv env;
  private final LogManager log;
  private final VisibleSequence visible;
  private final BatchReader reader = new BatchReader();
  private final MemTableInserter inserter = new MemTableInserter();
  private final GroupMemory memory = new GroupMemory(inserter);
  private final CommitOutcomes outcomes;

  // Where the insertion of a group has come to: the request, its operation that the reader stands
  // on, that one's sequence, and the last step done.
  private int requestIndex;
  private long sequence;
  private int insertStep;

  private byte[] groupBytes = new byte[0];
  private long lastSequence;
  private boolean closed;

  /**
   * Creates the pipeline.
   *
   * @param env the parts of the store that it uses
   * @param visible receives the last sequence of each group
   * @param lastSequence the largest sequence used so far
   */
  public CommitPipeline(CommitEnv env, VisibleSequence visible, long lastSequence) {
    this.env = env;
    this.log = env.log();
    this.visible = visible;
    this.outcomes = new CommitOutcomes(env.failure());
    this.lastSequence = lastSequence;
    visible.publish(lastSequence);
  }

  /** Refuses everything from now on; to be run as an action of the queue. */
  public void close() {
    closed = true;
    groupBytes = new byte[0];
  }

  /** Throws once the store is being closed; to be called as leader. */
  public void checkOpen() {
    if (closed) {
      throw env.gate().closedException();
    }
  }

  /** Runs the action of the only request in a group, and commits the batch that it fills in. */
  void run(CommitGroup group) {
    RuntimeException outcome = null;
    try {
      group.get(0).action().run();
    } catch (RuntimeException e) {
      outcome = e;
    } catch (Throwable e) {
      // An action may have been half done; a computation only fills in the batch.
      boolean harmless =
          group.get(0).action() instanceof Computation && e instanceof OutOfMemoryError;
      outcome = harmless ? outcomes.notWritten(e) : outcomes.stopped(e, false);
    }
    WriteRequest commit = group.get(0);
    if (outcome == null && (commit.batch().count() > 0 || commit.isSync())) {
      apply(group);
    } else {
      group.complete(outcome);
    }
  }

  /** Commits a group, and tells each of its writers the outcome. */
  void apply(CommitGroup group) {
    removeInvalid(group);
    if (group.isEmpty()) {
      return;
    }
    group.sum();
    if (group.operations() == 0) {
      syncLog(group);
      return;
    }
    boolean begun = false;
    boolean logging = false;
    try {
      env.failure().check();
      prepareMemtables(group);
      long first = lastSequence + 1;
      long last = lastSequence + group.operations();
      if (last > InternalKey.MAX_SEQUENCE) {
        throw new DbException(
            "all 2^56 sequence numbers are used up; copy the data to a new store");
      }
      noteWrites(group, first);
      memory.reserve(group);
      if (group.isLogged()) {
        logging = true;
        appendToLog(group, first, last);
      }
      begun = true;
      insert(group, first);
      memory.end();
      lastSequence = last;
      visible.publish(last);
      if (group.bytes() >= LARGE_BATCH) {
        countLarge(group);
      }
      env.stats().written(group.payloadBytes());
      group.complete(null);
    } catch (Throwable failure) {
      memory.end();
      // A log without space for another segment has written nothing, and can be tried again.
      fail(group, begun || (logging && log.hasFailed()), failure);
    }
    flushForLogSize();
  }

  /** Commits a group without operations: synced requests for what was logged before them. */
  private void syncLog(CommitGroup group) {
    try {
      env.failure().check();
      log.syncAsLeader();
      group.complete(null);
    } catch (Throwable failure) {
      fail(group, log.hasFailed(), failure);
    }
  }

  /** Ends the requests that a failure of {@link #run} or {@link #apply} has left in the group. */
  void abandon(CommitGroup group) {
    group.complete(outcomes.unknown());
  }

  private void removeInvalid(CommitGroup group) {
    for (int i = group.size() - 1; i >= 0; i--) {
      RuntimeException problem = problem(group.get(i));
      if (problem != null) {
        group.complete(i, problem);
      }
    }
  }

  private RuntimeException problem(WriteRequest commit) {
    if (closed) {
      return env.gate().closedException();
    }
    for (int i = 0; i < commit.familyCount(); i++) {
      if (commit.family(i).refusesWrites()) {
        return commit.family(i).droppedException();
      }
    }
    if (commit.batch().payloadBytes() + commit.batch().count() * MEMORY_PER_OPERATION
        > MAX_BATCH_MEMORY) {
      return new IllegalArgumentException(
          "a batch of "
              + commit.batch().count()
              + " operations takes more memory than a memtable may have; write it in parts");
    }
    return null;
  }

  /** Seals full memtables, and offers the others for the sorting of what commits have added. */
  private void prepareMemtables(CommitGroup group) {
    env.sealer().sealForMemory();
    for (int g = 0; g < group.size(); g++) {
      WriteRequest commit = group.get(g);
      for (int i = 0; i < commit.familyCount(); i++) {
        env.sealer().prepare(commit.family(i), MAX_BATCH_MEMORY);
      }
    }
  }

  /** Tells the memtables, before the log holds anything, from where on they need the log. */
  private static void noteWrites(CommitGroup group, long first) {
    for (int g = 0; g < group.size(); g++) {
      WriteRequest commit = group.get(g);
      for (int i = 0; i < commit.familyCount(); i++) {
        commit.family(i).readState().mutable().noteWrites(first, commit.isLogged());
      }
    }
  }

  private void appendToLog(CommitGroup group, long first, long last) {
    byte[] bytes = group.get(0).batch().bytes();
    int size = group.get(0).batch().size();
    if (group.size() > 1) {
      bytes = concatenated(group);
      size = group.bytes();
    }
    log.append(bytes, size, first, last, group.isSync());
  }

  private byte[] concatenated(CommitGroup group) {
    if (groupBytes.length < group.bytes()) {
      groupBytes = new byte[Integer.highestOneBit(group.bytes()) * 2];
    }
    int at = 0;
    for (int g = 0; g < group.size(); g++) {
      BatchEncoder batch = group.get(g).batch();
      System.arraycopy(batch.bytes(), 0, groupBytes, at, batch.size());
      at += batch.size();
    }
    return groupBytes;
  }

  /** Inserts the operations of a group; gives the spare memory up where there is no more. */
  private void insert(CommitGroup group, long first) {
    sequence = first;
    insertStep = NOT_READ;
    begin(group, 0);
    boolean inserted = false;
    while (!inserted) {
      try {
        insertFurther(group, first);
        inserted = true;
      } catch (OutOfMemoryError e) {
        if (!memory.giveUp()) {
          throw e;
        }
      }
    }
  }

  private void begin(CommitGroup group, int request) {
    requestIndex = request;
    BatchEncoder batch = group.get(request).batch();
    reader.reset(batch.bytes(), 0, batch.size());
  }

  /** Goes on with an insertion, from the step that found no memory. */
  private void insertFurther(CommitGroup group, long first) {
    while (true) {
      if (insertStep == NOT_READ) {
        while (!reader.hasNext()) {
          if (requestIndex + 1 == group.size()) {
            return;
          }
          begin(group, requestIndex + 1);
        }
        String problem = reader.next();
        if (problem != null) {
          throw new IllegalStateException(problem);
        }
        insertStep = READ;
      }
      insertRest(group.get(requestIndex), first);
      insertStep = NOT_READ;
      sequence++;
    }
  }

  /**
   * Does the steps that have not been done of inserting the operation that the reader stands on.
   * One that finds no memory has changed nothing, and may be tried again.
   */
  private void insertRest(WriteRequest request, long first) {
    ColumnFamilyState family = request.familyById(reader.family());
    byte[] bytes = request.batch().bytes();
    if (family.entryCount() != null && insertStep == READ) {
      env.counter().add(family, reader, bytes, sequence, first);
      insertStep = COUNTED;
    }
    if (insertStep != INSERTED) {
      inserter.add(family, sequence, reader, bytes);
      insertStep = INSERTED;
    }
    if (ValueKind.isVisible(reader.kind())) {
      family.emptyRanges().put(bytes, reader.keyOffset(), reader.keyLength());
    }
  }

  /** Counts what large batches have added; that of others counts from the next commit on. */
  private void countLarge(CommitGroup group) {
    for (int g = 0; g < group.size(); g++) {
      WriteRequest commit = group.get(g);
      if (commit.batch().size() >= LARGE_BATCH) {
        for (int i = 0; i < commit.familyCount(); i++) {
          env.sealer().count(commit.family(i));
        }
      }
    }
  }

  private void fail(CommitGroup group, boolean inDoubt, Throwable failure) {
    RuntimeException outcome;
    if (inDoubt) {
      outcome = outcomes.stopped(failure, true);
    } else {
      forgetWrites(group);
      outcome = outcomes.notWritten(failure);
    }
    group.complete(outcome);
  }

  /** Takes back what {@link #noteWrites} told memtables that are still empty. */
  private static void forgetWrites(CommitGroup group) {
    for (int g = 0; g < group.size(); g++) {
      WriteRequest commit = group.get(g);
      for (int i = 0; i < commit.familyCount(); i++) {
        commit.family(i).readState().mutable().forgetWritesIfEmpty();
      }
    }
  }

  private void flushForLogSize() {
    if (log.isOverLimit()) {
      try {
        env.sealer().sealBeyond(log.firstSequenceWithinLimit());
      } catch (RuntimeException | Error e) {
        env.failure().set(e); // the group that was just committed is none the worse
      }
    }
  }
}
