package io.lsmdb.internal.engine;

import io.lsmdb.ColumnFamily;
import io.lsmdb.ColumnFamilyOptions;
import io.lsmdb.DbException;
import io.lsmdb.InvalidOptionsException;
import io.lsmdb.StorageException;
import io.lsmdb.internal.version.Family;
import io.lsmdb.internal.version.VersionEdit;
import io.lsmdb.internal.version.VersionEdit.ChangedFamily;
import io.lsmdb.internal.version.VersionEdit.CreatedFamily;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What users do to families as a whole: create, drop, compact.
 *
 * <p>Thread-safe; creations and drops are done one after the other.
 */
final class FamilyAdmin {
  private static final int MAX_NAME_BYTES = 1024;

  private final EngineContext context;
  private final Reads reads;
  private final ReentrantLock changes = new ReentrantLock();

  FamilyAdmin(EngineContext context, Reads reads) {
    this.context = context;
    this.reads = reads;
  }

  ColumnFamily create(String name, ColumnFamilyOptions options) {
    int length = Objects.requireNonNull(name, "name").getBytes(StandardCharsets.UTF_8).length;
    if (length == 0 || length > MAX_NAME_BYTES) {
      throw new IllegalArgumentException(
          "a column family's name must have 1 to "
              + MAX_NAME_BYTES
              + " bytes in UTF-8, but has "
              + length);
    }
    Objects.requireNonNull(options, "options");
    checkMayChange();
    changes.lock();
    try {
      checkMayChange();
      if (context.families().byName(name) != null) {
        throw new IllegalArgumentException(
            "there is a column family named "
                + name
                + " in "
                + context.token()
                + " already; look it up with columnFamily, or use getOrCreateColumnFamily");
      }
      ColumnFamilyState[] family = new ColumnFamilyState[1];
      context.queue().exclusively(() -> family[0] = createNow(name, options));
      return family[0];
    } finally {
      changes.unlock();
    }
  }

  /** Also asked before the lock is waited for, which a listener of a failure must not do. */
  private void checkMayChange() {
    context.gate().checkOpen();
    context.background().checkMayWait();
    context.failure().check();
  }

  /** Records a family; as commit leader, so that the store is not closed meanwhile. */
  private ColumnFamilyState createNow(String name, ColumnFamilyOptions options) {
    context.applier().checkOpen();
    int id = context.versions().nextFamilyId();
    CreatedFamily created =
        new CreatedFamily(
            id,
            name,
            VersionEdit.BYTEWISE_COMPARATOR,
            options.mergeOperatorName(),
            options.prefixLength());
    apply(new VersionEdit(List.of(created), List.of(), List.of(), List.of(), List.of(), 0, 0));
    return add(context, id, name, options);
  }

  /**
   * Adds the states of the families that the version set knows, and records their prefix lengths
   * and the merge operators of those that had none so far; when the store is opened.
   */
  static void addAll(EngineContext context) {
    List<ChangedFamily> changes = new ArrayList<>();
    for (Family family : context.versions().families()) {
      ColumnFamilyOptions options = context.familyOptions(family.name());
      String operator = options.mergeOperatorName();
      boolean sameOperator = family.mergeOperator().equals(operator);
      if (!sameOperator && !family.mergeOperator().isEmpty()) {
        throw new InvalidOptionsException(
            "the column family "
                + family.name()
                + " needs the merge operator "
                + family.mergeOperator()
                + ", but its options have "
                + (operator.isEmpty() ? "none" : operator)
                + "; give it to ColumnFamilyOptions.mergeOperator");
      }
      if (!sameOperator || family.prefixLength() != options.prefixLength()) {
        changes.add(new ChangedFamily(family.id(), operator, options.prefixLength()));
      }
      add(context, family.id(), family.name(), options);
    }
    if (!changes.isEmpty()) {
      context.versions().logAndApply(VersionEdit.changing(changes), () -> {});
    }
  }

  /** Adds the state of a family that the version set knows already. */
  private static ColumnFamilyState add(
      EngineContext context, int id, String name, ColumnFamilyOptions options) {
    ColumnFamilyState family =
        new ColumnFamilyState(id, name, options, context.versions().current(id), context);
    context
        .monitor()
        .run(
            () -> {
              context.families().add(family);
              WriteController.update(family);
            });
    return family;
  }

  void drop(ColumnFamily handle) {
    checkMayChange();
    changes.lock();
    try {
      checkMayChange();
      ColumnFamilyState family = reads.resolve(handle);
      if (family.id() == 0) {
        throw new IllegalArgumentException("the default column family cannot be dropped");
      }
      context.monitor().change(() -> family.setDropping(true));
      context
          .monitor()
          .await(() -> !family.isFlushing() && family.running().isEmpty(), Long.MAX_VALUE);
      try {
        context.queue().exclusively(() -> dropNow(family));
      } finally {
        context.monitor().change(() -> family.setDropping(false));
        context.background().compactions().versionChanged();
        context.background().schedule();
      }
    } finally {
      changes.unlock();
    }
  }

  /** Records the drop, and makes the family unusable; as commit leader. */
  private void dropNow(ColumnFamilyState family) {
    context.applier().checkOpen();
    // The sequence tells a later opening that the log up to here may be gone.
    apply(
        new VersionEdit(
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(family.id()),
            0,
            context.applier().visibleSequence()));
    context
        .monitor()
        .change(
            () -> {
              context.families().remove(family);
              family.drop();
            });
    context.retireLog();
  }

  private void apply(VersionEdit edit) {
    try {
      context.versions().logAndApply(edit, () -> {});
    } catch (DbException e) {
      context.background().judge(e);
      throw e;
    }
  }

  int deleteFiles(ColumnFamily handle, byte[] from, byte[] to) {
    checkMayChange();
    changes.lock();
    try {
      checkMayChange();
      ColumnFamilyState family = reads.resolve(handle);
      if (family.entryCount() != null) {
        throw new IllegalStateException(
            "the column family "
                + family.name()
                + " counts its entries, so files of it cannot be dropped unread; use deleteRange");
      }
      int[] dropped = new int[1];
      context.queue().exclusively(() -> dropped[0] = deleteFilesNow(family, from, to));
      return dropped[0];
    } finally {
      changes.unlock();
    }
  }

  /** As commit leader, so that the store is not closed meanwhile. */
  private int deleteFilesNow(ColumnFamilyState family, byte[] from, byte[] to) {
    context.applier().checkOpen();
    try {
      return context.background().compactions().dropFiles(family, from, to);
    } catch (DbException e) {
      context.background().judge(e);
      throw e;
    }
  }

  void compact(ColumnFamily family, byte[] from, byte[] to) {
    context.background().checkMayWait();
    CompletableFuture<Void> done = compactAsync(family, from, to);
    while (!done.isDone()) {
      long attempts = context.background().attempts();
      context.background().retry();
      context.monitor().await(() -> done.isDone() || cannotCompact(attempts), Long.MAX_VALUE);
      if (!done.isDone()) {
        giveUpIfNeeded(done, attempts);
      }
    }
    try {
      done.join();
    } catch (CancellationException | CompletionException e) {
      if (e.getCause() instanceof DbException known) {
        throw known;
      }
      throw e;
    }
  }

  private void giveUpIfNeeded(CompletableFuture<Void> done, long attempts) {
    StorageException full = context.background().fullSince(attempts);
    if (context.failure().isSet()) {
      done.completeExceptionally(context.failure().exception(false));
    } else if (full != null) {
      done.completeExceptionally(full);
    }
  }

  private boolean cannotCompact(long attempts) {
    return context.failure().isSet() || context.background().fullSince(attempts) != null;
  }

  CompletableFuture<Void> compactAsync(ColumnFamily handle, byte[] from, byte[] to) {
    ColumnFamilyState family = reads.resolve(handle);
    ManualCompaction request =
        new ManualCompaction(
            family,
            from,
            to,
            context.background().flushes().seal(List.of(family)),
            // The filter is to see all that is there now: new tables have larger numbers.
            family.options().compactionFilter() == null ? 0 : context.versions().newFileNumber());
    context.background().compactions().request(request);
    context.background().schedule();
    return request.result();
  }
}
