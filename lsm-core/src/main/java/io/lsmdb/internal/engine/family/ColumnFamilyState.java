package io.lsmdb.internal.engine.family;

import io.lsmdb.ColumnFamily;
import io.lsmdb.ColumnFamilyOptions;
import io.lsmdb.CompactionFilter;
import io.lsmdb.DbClosedException;
import io.lsmdb.MergeOperator;
import io.lsmdb.internal.base.OwnedFamily;
import io.lsmdb.internal.base.StoreToken;
import io.lsmdb.internal.compaction.DropRules;
import io.lsmdb.internal.compaction.pick.Compaction;
import io.lsmdb.internal.compaction.pick.Picker;
import io.lsmdb.internal.compaction.pick.Pickers;
import io.lsmdb.internal.memtable.MemTable;
import io.lsmdb.internal.memtable.MemTablePins;
import io.lsmdb.internal.merge.Folding;
import io.lsmdb.internal.merge.Operands;
import io.lsmdb.internal.range.RangeTombstones;
import io.lsmdb.internal.version.Family;
import io.lsmdb.internal.version.Version;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Set;

/**
 * One column family: its options, its read state, and what background work is done on it.
 *
 * <p>Readers use the volatile fields. Everything else is guarded by the store's {@code DbMutex}.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>The read state is replaced as a whole; the replaced one is given back through the read
 *       gate.
 *   <li>Memtables leave the read state in the same step in which the version with their content
 *       enters it, oldest first.
 * </ol>
 */
public final class ColumnFamilyState implements OwnedFamily {
  private final int id;
  private final String name;
  private volatile ColumnFamilyOptions options;
  private final StoreToken token;
  private final FamilyEnv env;
  private final Folding folding;
  private volatile Picker picker;
  private final FamilyClock clock;
  private final EmptyRanges emptyRanges;
  private final ScanDetector scanDetector = new ScanDetector();
  private final EntryCount entryCount; // null for none

  private volatile ColumnFamily handle;
  private volatile ReadState readState;
  private volatile boolean dropping;
  private volatile boolean dropped;
  private volatile boolean refusingWrites;
  private volatile StallCondition stall = StallCondition.NONE;

  /** Until when the delayed writes so far take, in ns; guarded by the write controller. */
  public long delayedUntil;

  // Guarded by the state monitor.
  private final Deque<MemTableRef> immutables = new ArrayDeque<>(); // oldest first
  private List<MemTableRef> flushed = List.of();
  private final List<Compaction> running = new ArrayList<>();
  private final byte[][] compactionCursors = new byte[Version.LEVELS][];
  private boolean flushing;

  /**
   * Creates the family with an empty memtable.
   *
   * @param family the family as the manifest records it
   * @param options its settings
   * @param version its tables
   * @param env the store that the family belongs to
   */
  public ColumnFamilyState(
      Family family, ColumnFamilyOptions options, Version version, FamilyEnv env) {
    this.id = family.id();
    this.name = family.name();
    this.options = options;
    this.token = env.token();
    this.env = env;
    MergeOperator operator = options.mergeOperator();
    this.folding = operator == null ? null : new Folding(operator, name);
    this.clock = new FamilyClock(env.clock(), family.dropClock());
    MemTableRef first = newMemTable();
    this.readState = new ReadState(first, List.of(), version, folding, clock);
    first.release(); // the read state holds it now
    this.picker = Pickers.of(options.compactionStyle());
    this.emptyRanges = new EmptyRanges(env.sequences().groupBound());
    this.entryCount = options.countEntries() ? new EntryCount() : null;
  }

  /** Its number, never given to another family of the store. */
  public int id() {
    return id;
  }

  /** Its name. */
  public String name() {
    return name;
  }

  /** Its settings as of now. */
  public ColumnFamilyOptions options() {
    return options;
  }

  /**
   * Replaces the options by others with the same merge operator, that count entries as these do;
   * with the state monitor held.
   */
  public void setOptions(ColumnFamilyOptions others) {
    options = others;
    picker = Pickers.of(others.compactionStyle());
  }

  @Override
  public void checkOperand(byte[] array, int offset, int length) {
    if (folding == null) {
      throw new IllegalArgumentException(
          "the column family "
              + name
              + " of "
              + token
              + " has no merge operator; give it one with ColumnFamilyOptions.mergeOperator");
    }
    folding.check(array, offset, length);
  }

  @Override
  public byte[] fold(byte[] key, byte[] base, List<byte[]> operands) {
    byte[] value = folding.value(Operands.of(key, base, operands));
    return value == Folding.NOTHING ? null : value;
  }

  /** The merge operator at work; null for none. */
  public Folding folding() {
    return folding;
  }

  /** Whether it is scanned. */
  public ScanDetector scanDetector() {
    return scanDetector;
  }

  /** What chooses its compactions. */
  public Picker picker() {
    return picker;
  }

  /** The clock by which entries expire. */
  public FamilyClock clock() {
    return clock;
  }

  /** What its flushes and compactions go by that judge expiries at a time. */
  public DropRules rules(long now) {
    CompactionFilter filter = options().compactionFilter();
    return new DropRules(folding, now, filter == null ? null : new DropRules.Filter(filter, name));
  }

  /** What to read from; to be used inside the read gate. */
  public ReadState readState() {
    return readState;
  }

  /** Whether tables may go, or become smaller, now that a snapshot is closed. */
  public boolean mayShrinkWithout(long sequence, boolean oldest) {
    Version version = readState.version();
    RangeTombstones ranges = version.rangeTombstones();
    boolean deleted = oldest && !ranges.isEmpty() && ranges.largestSequence() > sequence;
    return deleted || version.mayRetainFor(sequence);
  }

  /** Where nothing is visible, as far as known; for cursors and the commit leader. */
  public EmptyRanges emptyRanges() {
    return emptyRanges;
  }

  /** Counts its keys; null if the family does not. */
  public EntryCount entryCount() {
    return entryCount;
  }

  /** The handle that users have; null while the store is opened. */
  public ColumnFamily handle() {
    return handle;
  }

  /** Sets the handle, once, before users can ask for it. */
  void setHandle(ColumnFamily only) {
    handle = only;
  }

  /** Whether it is being dropped, or has been: no flush or compaction of it begins any more. */
  public boolean isDropping() {
    return dropping || dropped;
  }

  public void setDropping(boolean isBeingDropped) {
    dropping = isBeingDropped;
  }

  /** Whether writes fail, since the family is dropped or is about to be. */
  public boolean refusesWrites() {
    return refusingWrites;
  }

  public void setRefusingWrites(boolean refusing) {
    refusingWrites = refusing;
  }

  public boolean isDropped() {
    return dropped;
  }

  public void checkNotDropped() {
    if (dropped) {
      throw droppedException();
    }
  }

  /** What whoever uses the dropped family is told. */
  public DbClosedException droppedException() {
    return new DbClosedException(
        "the column family "
            + name
            + " of "
            + token
            + " has been dropped; look up or create one of that name again");
  }

  @Override
  public StoreToken store() {
    return token;
  }

  @Override
  public void checkUsable() {
    env.gate().checkOpen();
    checkNotDropped();
  }

  public StallCondition stall() {
    return stall;
  }

  void setStall(StallCondition condition) {
    stall = condition;
  }

  // What follows is called with the state monitor held.

  /**
   * Turns the mutable memtable into the newest immutable one.
   *
   * @param fresh takes its place; from {@link #newMemTable}
   */
  public void seal(long sealGroup, MemTableRef fresh) {
    MemTableRef sealed = readState.mutable();
    sealed.sealGroup = sealGroup;
    immutables.addLast(sealed);
    env.writeBuffers().sealed(sealed);
    install(fresh, readState.version());
    fresh.release(); // the read state holds it now
  }

  /** An empty memtable, to be made before anything changes: there may be no memory. */
  public MemTableRef newMemTable() {
    MemTablePins readers = new FamilyPins(env.gate(), env.sequences(), this::readState);
    return new MemTableRef(new MemTable(env.chunks(), scanDetector.atNextMemTable(), readers));
  }

  /** Notes which memtables the version that is about to be published contains. */
  public void markFlushed(List<MemTableRef> memtables) {
    flushed = memtables;
  }

  /** Publishes a new version, and takes out the memtables that it contains. */
  public void publish(Version version) {
    immutables.removeAll(flushed);
    flushed.forEach(env.writeBuffers()::released);
    flushed = List.of();
    install(readState.mutable(), version);
  }

  private void install(MemTableRef mutable, Version version) {
    List<MemTableRef> newestFirst = new ArrayList<>(immutables);
    Collections.reverse(newestFirst);
    ReadState replaced = readState;
    readState = new ReadState(mutable, newestFirst, version, folding, clock);
    env.gate().retire(replaced::release);
  }

  /** Makes the family unusable, and gives back what it holds; by the commit leader. */
  public void drop() {
    dropped = true;
    immutables.forEach(env.writeBuffers()::released);
    immutables.clear();
    env.writeBuffers().dropped(readState.mutable());
    env.gate().retire(readState::release);
  }

  /** Gives back what the family of a closed store holds; nobody reads or writes any more. */
  public void close() {
    immutables.clear();
    readState.release();
  }

  /** Oldest first; not to be changed. */
  public Deque<MemTableRef> immutables() {
    return immutables;
  }

  /** Whether a flush of the family is under way. */
  public boolean isFlushing() {
    return flushing;
  }

  public void setFlushing(boolean flushing) {
    this.flushing = flushing;
  }

  /** Compactions that are under way. */
  public List<Compaction> running() {
    return running;
  }

  /** For each level, the key at which its last compaction ended; null for none. */
  public byte[][] compactionCursors() {
    return compactionCursors;
  }

  /** The first logged sequence that is in no table yet, or {@link Long#MAX_VALUE}. */
  public long firstUnflushedLogged() {
    return firstUnflushedLogged(Set.of());
  }

  /** The same, as if some memtables were in tables already. */
  public long firstUnflushedLogged(Set<MemTableRef> flushing) {
    long first = readState.mutable().firstLoggedSequence();
    for (MemTableRef immutable : immutables) {
      if (!flushing.contains(immutable)) {
        first = Math.min(first, immutable.firstLoggedSequence());
      }
    }
    return first;
  }

  /** Whether a memtable holds writes that are not in the log. */
  public boolean hasUnloggedWrites() {
    return readState.mutable().hasUnloggedWrites()
        || immutables.stream().anyMatch(MemTableRef::hasUnloggedWrites);
  }

  @Override
  public String toString() {
    return name;
  }
}
