package io.lsmdb.internal.engine.write;

import io.lsmdb.DbClosedException;
import io.lsmdb.Durability;
import io.lsmdb.WriteOptions;
import io.lsmdb.internal.base.BatchEncoder;
import io.lsmdb.internal.base.BatchReader;
import io.lsmdb.internal.base.StripedPool;
import io.lsmdb.internal.base.ValueKind;
import io.lsmdb.internal.engine.family.ColumnFamilyState;
import io.lsmdb.internal.engine.family.FamilyClock;
import io.lsmdb.internal.engine.family.FamilyRegistry;
import io.lsmdb.internal.engine.read.ByteViews;
import io.lsmdb.internal.engine.read.Reads;
import io.lsmdb.internal.engine.runtime.FailureLatch;
import io.lsmdb.internal.engine.runtime.ReadGate;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.function.IntPredicate;
import java.util.function.UnaryOperator;

/**
 * The write operations: each makes a request of a batch, waits if the families lag behind, and
 * hands it to the commit queue. A single put or delete is a batch of one operation.
 *
 * <p>Thread-safe. Requests are used again, so that a write allocates nothing.
 */
public final class Writes {
  /** The bounds of all ranges that one batch may delete, in bytes. */
  private static final long MAX_RANGE_BYTES = 32 << 20;

  private final Env env;
  private final ReadGate gate;
  private final FamilyRegistry families;
  private final Reads reads;
  private final StripedPool<WriteRequest> commits = new StripedPool<>(() -> new WriteRequest(true));

  /**
   * The parts of a store that its writes use.
   *
   * @param families finds the families that a batch names by their ids
   * @param gate refuses writes to a closed store
   * @param failure refuses writes to a stopped one
   * @param controller delays writes
   * @param queue commits them
   * @param hasGivenFamilyId whether there ever was a family of an id
   */
  public record Env(
      FamilyRegistry families,
      ReadGate gate,
      FailureLatch failure,
      WriteController controller,
      CommitQueue queue,
      IntPredicate hasGivenFamilyId) {}

  public Writes(Env env, Reads reads) {
    this.env = env;
    this.gate = env.gate();
    this.families = env.families();
    this.reads = reads;
  }

  public void put(ColumnFamilyState family, byte[] key, byte[] value, WriteOptions options) {
    family.checkNotDropped();
    WriteRequest commit = begin();
    try {
      TimedPut.add(commit.single, family, key, value, timeToLive(family, options));
      commitSingle(commit, family, options);
    } finally {
      end(commit);
    }
  }

  public void put(
      ColumnFamilyState family, ByteBuffer key, ByteBuffer value, WriteOptions options) {
    family.checkNotDropped();
    WriteRequest commit = begin();
    try {
      long timeToLive = timeToLive(family, options);
      if (timeToLive == 0) {
        commit.single.put(family.id(), key, value);
      } else {
        TimedPut.add(
            commit.single, family, ByteViews.bytes(key), ByteViews.bytes(value), timeToLive);
      }
      commitSingle(commit, family, options);
    } finally {
      end(commit);
    }
  }

  public void delete(ColumnFamilyState family, byte[] key, WriteOptions options) {
    family.checkNotDropped();
    WriteRequest commit = begin();
    try {
      commit.single.delete(family.id(), key);
      commitSingle(commit, family, options);
    } finally {
      end(commit);
    }
  }

  public void deleteRange(ColumnFamilyState family, byte[] from, byte[] to, WriteOptions options) {
    family.checkNotDropped();
    Objects.requireNonNull(options, "options");
    gate.checkOpen();
    WriteRequest commit = begin();
    try {
      commit.single.deleteRange(family.id(), from, to);
      commitSingle(commit, family, options);
    } finally {
      end(commit);
    }
  }

  public void singleDelete(ColumnFamilyState family, byte[] key, WriteOptions options) {
    family.checkNotDropped();
    WriteRequest commit = begin();
    try {
      commit.single.singleDelete(family.id(), key);
      commitSingle(commit, family, options);
    } finally {
      end(commit);
    }
  }

  public byte[] compute(
      ColumnFamilyState family, byte[] key, UnaryOperator<byte[]> change, WriteOptions options) {
    family.checkNotDropped();
    BatchEncoder.checkKey(key);
    Objects.requireNonNull(change, "change");
    Computation computation =
        new Computation(reads, family, key, change, timeToLive(family, options));
    WriteRequest commit = begin();
    try {
      computation.into = commit.single;
      commit.prepare(options.durability(), computation);
      commit.touch(family);
      admitAndCommit(commit, options);
    } finally {
      end(commit);
    }
    return computation.result();
  }

  public byte[] touch(ColumnFamilyState family, byte[] key, WriteOptions options) {
    family.checkNotDropped();
    BatchEncoder.checkKey(key);
    gate.checkOpen();
    Objects.requireNonNull(options, "options");
    if (options.timeToLiveMillis() == 0 && family.options().timeToLiveMillis() == 0) {
      throw new IllegalArgumentException(
          "touch gives a new time to live, but neither the options nor the column family "
              + family.name()
              + " have one; set WriteOptions.timeToLive");
    }
    // A copy, since compute takes the same array for no change.
    return compute(family, key, value -> value == null ? null : value.clone(), options);
  }

  public void merge(ColumnFamilyState family, byte[] key, byte[] operand, WriteOptions options) {
    family.checkNotDropped();
    BatchEncoder.checkKey(key);
    int length = Objects.requireNonNull(operand, "operand").length;
    Objects.requireNonNull(options, "options");
    gate.checkOpen();
    family.checkOperand(operand, 0, length);
    refuseTimeToLive(options);
    WriteRequest commit = begin();
    try {
      commit.single.merge(family.id(), key, operand);
      commitSingle(commit, family, options);
    } finally {
      end(commit);
    }
  }

  /** How long a put lives, in ms; 0 for ever. */
  private static long timeToLive(ColumnFamilyState family, WriteOptions options) {
    long own = Objects.requireNonNull(options, "options").timeToLiveMillis();
    if (own == 0) {
      return family.options().timeToLiveMillis();
    }
    if (own == Long.MAX_VALUE) {
      return 0;
    }
    refuseIfCounting(family);
    return own;
  }

  private static void refuseIfCounting(ColumnFamilyState family) {
    if (family.entryCount() != null) {
      throw new IllegalStateException(
          "the column family "
              + family.name()
              + " counts its entries, so none may expire; write without a time to live, or use a"
              + " family without countEntries");
    }
  }

  private static void refuseTimeToLive(WriteOptions options) {
    if (options.timeToLiveMillis() != 0) {
      throw new IllegalArgumentException(
          "a merge with a time to live: operands cannot expire; put the value instead");
    }
  }

  public void write(BatchEncoder batch, WriteOptions options) {
    Durability durability = Objects.requireNonNull(options, "options").durability();
    gate.checkOpen();
    if (batch.store() != null && batch.store() != families.token()) {
      throw foreign(batch);
    }
    WriteRequest commit = begin();
    try {
      commit.prepare(batch, durability);
      if (touchFamilies(commit, batch, options)) {
        encodeExpiries(commit, batch, options);
        commit.useSingle();
      }
      admitAndCommit(commit, options);
    } finally {
      end(commit);
    }
  }

  private WriteRequest begin() {
    WriteRequest commit = commits.take();
    return commit == null ? new WriteRequest(false) : commit;
  }

  private void end(WriteRequest commit) {
    commit.finish();
    if (commit.isPooled()) {
      commits.give(commit);
    }
  }

  /** Leaves what is to be used again to the collector; no write will succeed any more. */
  public void close() {
    commits.clear();
  }

  private void commitSingle(WriteRequest commit, ColumnFamilyState family, WriteOptions options) {
    commit.prepare(commit.single, Objects.requireNonNull(options, "options").durability());
    commit.touch(family);
    admitAndCommit(commit, options);
  }

  /** Notes the families of a batch, and checks it; whether some of its puts get an expiry. */
  private boolean touchFamilies(WriteRequest commit, BatchEncoder batch, WriteOptions options) {
    BatchReader reader = new BatchReader().reset(batch.bytes(), 0, batch.size());
    ColumnFamilyState family = null;
    boolean expiring = false;
    long ranges = 0;
    while (reader.hasNext()) {
      String problem = reader.next();
      if (problem != null) {
        throw new IllegalArgumentException("the batch is damaged: " + problem);
      }
      if (family == null || reader.family() != family.id()) {
        family = families.byId(reader.family());
        if (family == null) {
          throw unknownFamily(reader.family());
        }
        commit.touch(family);
        expiring |= timeToLive(family, options) > 0;
      }
      if (reader.kind() == ValueKind.RANGE_DELETE) {
        ranges += reader.keyLength() + reader.valueLength();
        checkRanges(ranges);
      } else if (reader.kind() == ValueKind.MERGE) {
        family.checkOperand(batch.bytes(), reader.valueOffset(), reader.valueLength());
        refuseTimeToLive(options);
      } else if (reader.kind() == ValueKind.PUT_EXPIRING) {
        refuseIfCounting(family);
      }
    }
    return expiring;
  }

  private static void checkRanges(long bytes) {
    if (bytes > MAX_RANGE_BYTES) {
      throw new IllegalArgumentException(
          "the bounds of the ranges that the batch deletes have more than "
              + MAX_RANGE_BYTES
              + " bytes; write it in parts");
    }
  }

  /** Copies a batch into that of the commit, and gives expiries to its puts that have none. */
  private static void encodeExpiries(
      WriteRequest commit, BatchEncoder batch, WriteOptions options) {
    byte[] bytes = batch.bytes();
    BatchReader reader = new BatchReader().reset(bytes, 0, batch.size());
    ColumnFamilyState family = null;
    long expiry = FamilyClock.NEVER;
    while (reader.hasNext()) {
      reader.next();
      if (family == null || reader.family() != family.id()) {
        family = commit.familyById(reader.family());
        long timeToLive = timeToLive(family, options);
        expiry = timeToLive == 0 ? FamilyClock.NEVER : family.clock().after(timeToLive);
      }
      if (reader.kind() == ValueKind.PUT && expiry != FamilyClock.NEVER) {
        commit.single.putExpiring(
            family.id(),
            bytes,
            reader.keyOffset(),
            reader.keyLength(),
            bytes,
            reader.valueOffset(),
            reader.valueLength(),
            expiry);
      } else {
        commit.single.copy(reader, bytes);
      }
    }
  }

  private RuntimeException foreign(BatchEncoder batch) {
    return new IllegalArgumentException(
        "the batch has changes for column families of "
            + batch.store()
            + (batch.store().toString().equals(families.token().toString())
                ? ", opened before"
                : "")
            + ", but is written to "
            + families.token()
            + "; fill it with families that this store returned");
  }

  private RuntimeException unknownFamily(int id) {
    String what =
        "the batch writes to a column family with id "
            + id
            + " of "
            + families.token()
            + ", which ";
    return env.hasGivenFamilyId().test(id)
        ? new DbClosedException(what + "has been dropped")
        : new IllegalArgumentException(what + "this store does not have");
  }

  private void admitAndCommit(WriteRequest commit, WriteOptions options) {
    gate.checkOpen();
    if (commit.isEmpty() && !commit.isSync()) {
      return;
    }
    env.failure().check(); // a listener that is told so by the commit leader must not wait for it
    for (int i = 0; i < commit.familyCount(); i++) {
      env.controller().admit(commit.family(i), commit.batch().size(), options.stallTimeoutNanos());
    }
    env.queue().commit(commit);
  }
}
