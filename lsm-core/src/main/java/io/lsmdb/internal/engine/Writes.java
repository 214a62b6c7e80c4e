package io.lsmdb.internal.engine;

import io.lsmdb.ColumnFamily;
import io.lsmdb.DbClosedException;
import io.lsmdb.Durability;
import io.lsmdb.WriteOptions;
import io.lsmdb.internal.base.BatchEncoder;
import io.lsmdb.internal.base.BatchReader;
import io.lsmdb.internal.base.ValueKind;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.function.UnaryOperator;

/**
 * The write operations: each makes a request of a batch, waits if the families lag behind, and
 * hands it to the commit queue. A single put or delete is a batch of one operation.
 *
 * <p>Thread-safe. Requests are reused by their threads, so that a write allocates nothing.
 */
final class Writes {
  private final EngineContext context;
  private final Reads reads;
  private final ThreadLocal<Commit> commits = ThreadLocal.withInitial(Commit::new);

  Writes(EngineContext context, Reads reads) {
    this.context = context;
    this.reads = reads;
  }

  void put(ColumnFamily family, byte[] key, byte[] value, WriteOptions options) {
    ColumnFamilyState state = reads.resolve(family);
    Commit commit = begin();
    try {
      commit.single.put(state.id(), key, 0, key.length, value, 0, value.length);
      commitSingle(commit, state, options);
    } finally {
      end(commit);
    }
  }

  void put(ColumnFamily family, ByteBuffer key, ByteBuffer value, WriteOptions options) {
    ColumnFamilyState state = reads.resolve(family);
    Commit commit = begin();
    try {
      commit.single.put(state.id(), key, value);
      commitSingle(commit, state, options);
    } finally {
      end(commit);
    }
  }

  void delete(ColumnFamily family, byte[] key, WriteOptions options) {
    ColumnFamilyState state = reads.resolve(family);
    Commit commit = begin();
    try {
      commit.single.delete(state.id(), key);
      commitSingle(commit, state, options);
    } finally {
      end(commit);
    }
  }

  void singleDelete(ColumnFamily family, byte[] key, WriteOptions options) {
    ColumnFamilyState state = reads.resolve(family);
    Commit commit = begin();
    try {
      commit.single.singleDelete(state.id(), key);
      commitSingle(commit, state, options);
    } finally {
      end(commit);
    }
  }

  byte[] compute(
      ColumnFamily family, byte[] key, UnaryOperator<byte[]> change, WriteOptions options) {
    ColumnFamilyState state = reads.resolve(family);
    BatchEncoder.checkKey(key.length);
    Objects.requireNonNull(change, "change");
    Computation computation = new Computation(reads, state, key, change);
    Commit commit = begin();
    try {
      computation.into = commit.single;
      commit.prepare(options.durability(), computation);
      commit.touch(state);
      admitAndCommit(commit, options);
    } finally {
      end(commit);
    }
    return computation.result();
  }

  void merge(ColumnFamily family, byte[] key, byte[] operand, WriteOptions options) {
    ColumnFamilyState state = reads.resolve(family);
    BatchEncoder.checkKey(key.length);
    int length = operand.length;
    Objects.requireNonNull(options, "options");
    context.gate().checkOpen();
    state.checkOperand(operand, 0, length);
    Commit commit = begin();
    try {
      commit.single.merge(state.id(), key, operand);
      commitSingle(commit, state, options);
    } finally {
      end(commit);
    }
  }

  void write(BatchEncoder batch, WriteOptions options) {
    Durability durability = options.durability();
    context.gate().checkOpen();
    if (batch.count() == 0) {
      return;
    }
    Commit commit = begin();
    try {
      commit.prepare(batch, durability);
      touchFamilies(commit, batch);
      admitAndCommit(commit, options);
    } finally {
      end(commit);
    }
  }

  private Commit begin() {
    Commit commit = commits.get();
    if (commit.inUse) {
      commit = new Commit(); // an event listener writes while this thread's write waits
    }
    commit.inUse = true;
    return commit;
  }

  private static void end(Commit commit) {
    commit.finish();
    commit.inUse = false;
  }

  private void commitSingle(Commit commit, ColumnFamilyState family, WriteOptions options) {
    commit.prepare(commit.single, options.durability());
    commit.touch(family);
    admitAndCommit(commit, options);
  }

  private void touchFamilies(Commit commit, BatchEncoder batch) {
    BatchReader reader = new BatchReader().reset(batch.bytes(), 0, batch.size());
    ColumnFamilyState family = null;
    while (reader.hasNext()) {
      String problem = reader.next();
      if (problem != null) {
        throw new IllegalArgumentException("the batch is damaged: " + problem);
      }
      if (family == null || reader.family() != family.id()) {
        family = context.families().byId(reader.family());
        if (family == null) {
          throw unknownFamily(reader.family());
        }
        commit.touch(family);
      }
      if (reader.kind() == ValueKind.MERGE) {
        family.checkOperand(batch.bytes(), reader.valueOffset(), reader.valueLength());
      }
    }
  }

  private RuntimeException unknownFamily(int id) {
    String what = "the batch writes to a column family with id " + id + ", which ";
    return context.versions().hasGivenFamilyId(id)
        ? new DbClosedException(what + "has been dropped")
        : new IllegalArgumentException(what + "this store does not have");
  }

  private void admitAndCommit(Commit commit, WriteOptions options) {
    context.gate().checkOpen();
    context
        .failure()
        .check(); // a listener that is told so by the commit leader must not wait for it
    for (int i = 0; i < commit.familyCount(); i++) {
      context
          .controller()
          .admit(commit.family(i), commit.batch().size(), options.stallTimeoutNanos());
    }
    context.queue().commit(commit);
  }
}
