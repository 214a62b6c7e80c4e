package io.lsmdb.internal.engine;

import io.lsmdb.ColumnFamily;
import io.lsmdb.ColumnFamilyOptions;
import io.lsmdb.DbException;
import io.lsmdb.InvalidOptionsException;
import io.lsmdb.internal.engine.background.ManualCompaction;
import io.lsmdb.internal.engine.family.ColumnFamilyState;
import io.lsmdb.internal.engine.family.FamilyRules;
import io.lsmdb.internal.version.FamilySettings;
import io.lsmdb.internal.version.VersionEdit;
import io.lsmdb.internal.version.VersionEdit.ChangedFamily;
import io.lsmdb.internal.version.VersionEdit.CreatedFamily;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * What users do to families as a whole: create, drop, compact.
 *
 * <p>Thread-safe; creations and drops are done one after the other. Each takes its place among the
 * commits first, then writes to the manifest, then becomes known between two commits: writers wait
 * for none of the input and output.
 */
final class ColumnFamilies {
  private static final int MAX_NAME_BYTES = 1024;

  private final EngineContext context;
  private final ReentrantLock changes = new ReentrantLock();

  ColumnFamilies(EngineContext context) {
    this.context = context;
  }

  ColumnFamily create(String name, ColumnFamilyOptions options) {
    checkName(name);
    Objects.requireNonNull(options, "options");
    return changing(
        () -> {
          if (context.families().byName(name) != null) {
            throw new IllegalArgumentException(
                "there is a column family named "
                    + name
                    + " in "
                    + context.token()
                    + " already; look it up with columnFamily, or use getOrCreateColumnFamily");
          }
          return createFamily(name, options);
        });
  }

  ColumnFamily getOrCreate(String name) {
    checkName(name);
    return changing(
        () -> {
          ColumnFamilyState family = context.families().byName(name);
          return family == null ? createFamily(name, context.familyOptions(name)) : family;
        });
  }

  ColumnFamily getOrCreate(String name, ColumnFamilyOptions options) {
    checkName(name);
    Objects.requireNonNull(options, "options");
    return changing(
        () -> {
          ColumnFamilyState family = context.families().byName(name);
          return family == null ? createFamily(name, options) : changeOptions(family, options);
        });
  }

  private static void checkName(String name) {
    int length = Objects.requireNonNull(name, "name").getBytes(StandardCharsets.UTF_8).length;
    if (length == 0 || length > MAX_NAME_BYTES) {
      throw new IllegalArgumentException(
          "a column family's name must have 1 to "
              + MAX_NAME_BYTES
              + " bytes in UTF-8, but has "
              + length);
    }
  }

  /** Makes a change that has a place among the commits; the store is not closed meanwhile. */
  private ColumnFamily changing(Supplier<ColumnFamilyState> change) {
    checkMayChange();
    changes.lock();
    try {
      checkMayChange();
      reserve(() -> {});
      try {
        return change.get().handle();
      } finally {
        context.background().endChange();
      }
    } finally {
      changes.unlock();
    }
  }

  /** Also asked before the lock is waited for, which a listener of a failure must not do. */
  private void checkMayChange() {
    context.gate().checkOpen();
    context.callbackRules().checkMayWait();
    context.failure().check();
  }

  /**
   * Begins a change: takes its place among the commits. Its record in the manifest is written
   * afterwards, without leadership, so that no writer waits for a sync of the manifest. The caller
   * ends it; the store is not closed before.
   *
   * @param action run as commit leader
   */
  private void reserve(Runnable action) {
    context
        .queue()
        .exclusively(
            () -> {
              context.pipeline().checkOpen();
              context.background().beginChange();
              action.run();
            });
  }

  /** Records a new family; returns its id. */
  private int record(String name, ColumnFamilyOptions options) {
    int id = context.versions().nextFamilyId();
    CreatedFamily created =
        new CreatedFamily(
            id, name, VersionEdit.BYTEWISE_COMPARATOR, OptionsMatch.settings(options));
    apply(VersionEdit.builder().createFamily(created).build());
    return id;
  }

  /** Records a new family, then makes it known between commits. */
  private ColumnFamilyState createFamily(String name, ColumnFamilyOptions options) {
    int id = record(name, options);
    ColumnFamilyState[] family = new ColumnFamilyState[1];
    context.queue().exclusively(() -> family[0] = context.addFamily(id, options));
    return family[0];
  }

  /** Gives a living family other options, or refuses all of them. */
  private ColumnFamilyState changeOptions(ColumnFamilyState family, ColumnFamilyOptions given) {
    FamilySettings recorded = context.versions().family(family.id()).settings();
    OptionsMatch match = OptionsMatch.ofLiving(recorded, family.options(), given);
    if (!match.problems().isEmpty()) {
      throw new InvalidOptionsException(
          "the column family "
              + family.name()
              + " of "
              + context.token()
              + " cannot have the options: "
              + String.join("; ", match.problems())
              + "; give them to DbOptions.familyOptions when the store is opened, or leave those"
              + " settings out");
    }
    FamilySettings settings = OptionsMatch.settings(match.options());
    if (!settings.equals(recorded)) {
      ChangedFamily changed = new ChangedFamily(family.id(), settings);
      apply(VersionEdit.builder().changeFamilies(List.of(changed)).build());
      FamilyLoader.report(context, family.name(), match.differences());
    }
    context.queue().exclusively(() -> setOptions(family, match.options()));
    context.background().compactions().versionChanged();
    context.background().schedule();
    return family;
  }

  private void setOptions(ColumnFamilyState family, ColumnFamilyOptions options) {
    context
        .mutex()
        .change(
            () -> {
              family.setOptions(options);
              FamilyRules.updateStall(family);
            });
  }

  void drop(ColumnFamily handle) {
    checkMayChange();
    changes.lock();
    try {
      checkMayChange();
      ColumnFamilyState family = context.families().resolve(handle);
      if (family.id() == 0) {
        throw new IllegalArgumentException("the default column family cannot be dropped");
      }
      context.mutex().change(() -> family.setDropping(true));
      context
          .mutex()
          .await(() -> !family.isFlushing() && family.running().isEmpty(), Long.MAX_VALUE);
      try {
        dropStopped(family);
      } finally {
        context.mutex().change(() -> family.setDropping(false));
        context.background().compactions().versionChanged();
        context.background().schedule();
      }
    } finally {
      changes.unlock();
    }
  }

  /** Refuses writes to a family of which no flush or compaction runs, and drops it. */
  private void dropStopped(ColumnFamilyState family) {
    long[] last = new long[1];
    reserve(
        () -> {
          family.setRefusingWrites(true);
          last[0] = context.visible().get();
        });
    try {
      recordDrop(family, last[0]);
      context.queue().exclusively(() -> remove(family));
      context.logUpkeep().retire();
    } finally {
      if (!family.isDropped()) {
        family.setRefusingWrites(false);
      }
      context.background().endChange();
    }
  }

  /**
   * Records the drop.
   *
   * @param last the last sequence that the family may have in the log: a later opening is told that
   *     the log up to there may be gone
   */
  private void recordDrop(ColumnFamilyState family, long last) {
    apply(VersionEdit.builder().dropFamily(family.id()).lastSequence(last).build());
  }

  /** Makes a family unusable whose drop is recorded; as commit leader. */
  private void remove(ColumnFamilyState family) {
    context
        .mutex()
        .change(
            () -> {
              family.drop(); // first: a handle that is not registered is a dropped one
              context.families().remove(family);
            });
  }

  private void apply(VersionEdit edit) {
    recording(
        () -> {
          context.versions().logAndApply(edit);
          return null;
        });
  }

  /** Writes to the manifest; a failure that leaves open what it says stops all writes. */
  private <T> T recording(Supplier<T> record) {
    try {
      return record.get();
    } catch (DbException e) {
      context.judge().passes(e);
      throw e;
    } catch (Error e) {
      context.failure().set(e); // the record may have been half written
      throw context.failure().exception(false);
    }
  }

  int deleteFiles(ColumnFamilyState family, byte[] from, byte[] to) {
    checkMayChange();
    changes.lock();
    try {
      checkMayChange();
      family.checkNotDropped();
      if (family.entryCount() != null) {
        throw new IllegalStateException(
            "the column family "
                + family.name()
                + " counts its entries, so files of it cannot be dropped unread; use deleteRange");
      }
      reserve(() -> {});
      try {
        return recording(() -> context.background().compactions().dropFiles(family, from, to));
      } finally {
        context.background().endChange();
      }
    } finally {
      changes.unlock();
    }
  }

  void compact(ColumnFamilyState family, byte[] from, byte[] to) {
    context.callbackRules().checkMayWait();
    CompletableFuture<Void> done = compactAsync(family, from, to);
    while (!done.isDone()) {
      long attempts = context.background().attempts();
      context.background().retry();
      context.mutex().await(() -> done.isDone() || cannotCompact(attempts), Long.MAX_VALUE);
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
    DbException shortage = context.background().shortageSince(attempts);
    if (context.failure().isSet()) {
      done.completeExceptionally(context.failure().exception(false));
    } else if (shortage != null) {
      done.completeExceptionally(shortage);
    }
  }

  private boolean cannotCompact(long attempts) {
    return context.failure().isSet() || context.background().shortageSince(attempts) != null;
  }

  CompletableFuture<Void> compactAsync(ColumnFamilyState family, byte[] from, byte[] to) {
    family.checkNotDropped();
    ManualCompaction request =
        new ManualCompaction(
            family,
            from,
            to,
            context.flushRequests().seal(List.of(family)),
            // The filter is to see all that is there now: new tables have larger numbers.
            family.options().compactionFilter() == null ? 0 : context.versions().newFileNumber());
    context.background().compactions().request(request);
    context.background().schedule();
    return request.result();
  }
}
