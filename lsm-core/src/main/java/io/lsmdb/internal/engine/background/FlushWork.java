package io.lsmdb.internal.engine.background;

import io.lsmdb.internal.engine.background.FlushPicker.Batch;
import io.lsmdb.internal.engine.family.ColumnFamilyState;
import io.lsmdb.internal.engine.family.FamilyRegistry;
import io.lsmdb.internal.engine.family.FamilyRules;
import io.lsmdb.internal.engine.family.MemTableRef;
import io.lsmdb.internal.engine.runtime.DbMutex;
import io.lsmdb.internal.engine.write.LogUpkeep;
import io.lsmdb.internal.version.FileMetadata;
import io.lsmdb.internal.version.VersionEdit;
import io.lsmdb.internal.version.VersionEdit.AddedFile;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The flushing of sealed memtables into tables of level 0.
 *
 * <p>Steps run in one thread at a time; {@link FlushPicker} chooses what each takes. The tables of
 * a step, one for each family, enter the manifest in one edit, with one sync of the directory and
 * one of the manifest.
 */
public final class FlushWork {
  private final FlushTables.Env env;
  private final JobContext context;
  private final LogUpkeep log;
  private final CompactionWork compactions;
  private final DbMutex mutex;
  private final FamilyRegistry families;
  private final FlushPicker picker;

  /** Whether the last step found the disk full; used by steps alone. */
  private boolean wasFull;

  /**
   * Creates the work of a store.
   *
   * @param env where memtables come from
   * @param context where tables go
   * @param log needs less of the log after a flush
   * @param compactions may have work after a flush
   */
  public FlushWork(
      FlushTables.Env env, JobContext context, LogUpkeep log, CompactionWork compactions) {
    this.env = env;
    this.context = context;
    this.log = log;
    this.compactions = compactions;
    this.mutex = env.mutex();
    this.families = env.families();
    this.picker = new FlushPicker(env.atomic());
  }

  /** Whether memtables wait. */
  boolean hasWork() {
    return mutex.get(() -> flushable().stream().anyMatch(family -> !family.isFlushing()));
  }

  /**
   * The families with memtables that may be flushed; with the state monitor held. While one of them
   * is being dropped, atomic flushes wait: until the drop is recorded, a crash would bring the
   * family back without what was sealed together with the others.
   */
  private List<ColumnFamilyState> flushable() {
    List<ColumnFamilyState> waiting = families.all();
    waiting.removeIf(family -> family.immutables().isEmpty());
    boolean anyDropping = waiting.removeIf(ColumnFamilyState::isDropping);
    return anyDropping && env.atomic() ? List.of() : waiting;
  }

  /** Whether memtables wait, those included that are being flushed. */
  boolean anyWaits() {
    return mutex.get(() -> families.all().stream().anyMatch(f -> !f.immutables().isEmpty()));
  }

  /** Flushes some of what waits; false when nothing does. */
  public boolean step() {
    List<Batch> batches = mutex.get(this::take);
    if (batches.isEmpty()) {
      return false;
    }
    boolean done = false;
    try {
      flush(batches);
      done = true;
    } finally {
      wasFull = !done;
      mutex.change(() -> batches.forEach(batch -> batch.family().setFlushing(false)));
      batches.forEach(batch -> batch.memtables().forEach(MemTableRef::release));
    }
    return true;
  }

  /** Picks the memtables of the next step, and pins them; with the state monitor held. */
  private List<Batch> take() {
    List<Batch> batches = picker.pick(flushable(), wasFull);
    for (Batch batch : batches) {
      batch.memtables().forEach(MemTableRef::retain);
      batch.family().setFlushing(true);
    }
    return batches;
  }

  private void flush(List<Batch> batches) {
    FlushTables writes = new FlushTables(env, context, batches);
    boolean complete = false;
    try {
      if (!writes.run()) {
        picker.interrupted();
      }
      keepPrefixRule(writes.written());
      complete = true;
    } finally {
      if (!complete) {
        // Another attempt writes other tables; on a full disk these must not stay in its way.
        writes.tables().forEach(table -> context.deleter().add(table.file()));
      }
    }
    install(writes);
    log.retire();
    log.rollUnneeded();
    log.sealForSize();
    compactions.versionChanged();
    writes.reportKept();
    for (AddedFile file : writes.tables()) {
      FileMetadata table = file.file();
      context.stats().flushed(table.size());
      ColumnFamilyState family = families.byId(file.family());
      if (family != null) {
        context
            .events()
            .report(l -> l.onFlush(family.name(), table.counts().entries(), table.size()));
      }
    }
  }

  /** Records the tables, and takes their memtables out of the families. */
  private void install(FlushTables writes) {
    VersionEdit edit = writes.edit();
    Set<Integer> changed = new HashSet<>();
    edit.added().forEach(table -> changed.add(table.family()));
    edit.rangeTombstones().forEach(ranges -> changed.add(ranges.family()));
    context
        .versions()
        .logAndApply(
            edit,
            () -> {
              families.noteDropped(edit);
              mutex.change(() -> writes.written().forEach(b -> flushed(b, changed)));
            });
  }

  /** Takes memtables out of their family, at once if no new version of it is going to. */
  private static void flushed(Batch batch, Set<Integer> changed) {
    ColumnFamilyState family = batch.family();
    family.markFlushed(batch.memtables());
    if (!changed.contains(family.id())) {
      family.publish(family.readState().version());
      FamilyRules.updateStall(family);
    }
  }

  /**
   * Syncs the log through the flush if a memtable outside of it has logged entries below it:
   * otherwise a loss of power could keep the newer writes of a flushed family and lose older ones
   * of another, a hole in the order of writes.
   */
  private void keepPrefixRule(List<Batch> batches) {
    Set<MemTableRef> flushing = new HashSet<>();
    batches.forEach(batch -> flushing.addAll(batch.memtables()));
    long largest = Batch.largestSequence(batches);
    boolean needed =
        mutex.get(
            () ->
                families.all().stream().anyMatch(f -> f.firstUnflushedLogged(flushing) <= largest));
    if (needed) {
      log.sync();
    }
  }
}
