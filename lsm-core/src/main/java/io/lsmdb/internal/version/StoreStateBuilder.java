package io.lsmdb.internal.version;

import io.lsmdb.internal.version.VersionEdit.AddedFile;
import io.lsmdb.internal.version.VersionEdit.ChangedFamily;
import io.lsmdb.internal.version.VersionEdit.CreatedFamily;
import io.lsmdb.internal.version.VersionEdit.DeletedRanges;
import io.lsmdb.internal.version.VersionEdit.FlushedSequence;
import io.lsmdb.internal.version.VersionEdit.RemovedFile;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * The step from one {@link StoreState} to a later one: the only place where it is decided whether
 * an edit makes sense.
 *
 * <p>Not thread-safe; touches nothing but itself. The same rules hold for an edit of this process
 * and for one read from a manifest; only the exception differs. After a refusal the builder is of
 * no use.
 */
final class StoreStateBuilder {
  /** The most families that may live at once. */
  static final int MAX_FAMILIES = 1 << 16;

  private final TreeMap<Integer, Draft> families = new TreeMap<>();
  private final Set<String> names = new HashSet<>();
  private long nextFileNumber;
  private int nextFamilyId;
  private long lastSequence;
  private Function<String, RuntimeException> refusal;

  /** A family while it changes; the builder is made when a file enters or leaves. */
  private static final class Draft {
    private Family family;
    private final Version base;
    private VersionBuilder builder;

    Draft(Family family, Version base) {
      this.family = family;
      this.base = base;
    }
  }

  /** Where a file stands. */
  private record Place(int family, FileMetadata file) {}

  StoreStateBuilder(StoreState base) {
    for (StoreState.Entry entry : base.families().values()) {
      families.put(entry.family().id(), new Draft(entry.family(), entry.version()));
      names.add(entry.family().name());
    }
    nextFileNumber = base.nextFileNumber();
    nextFamilyId = base.nextFamilyId();
    lastSequence = base.lastSequence();
  }

  /**
   * Applies an edit.
   *
   * @param edit the edit
   * @param familyIds all family ids below are used up; 0 when unchanged
   * @param files the family of each living file by number, brought up to date
   * @param onRefusal makes the exception for an impossible edit out of what is wrong
   */
  void apply(
      VersionEdit edit,
      int familyIds,
      Map<Long, Integer> files,
      Function<String, RuntimeException> onRefusal) {
    refusal = onRefusal;
    nextFileNumber = Math.max(nextFileNumber, edit.nextFileNumber());
    nextFamilyId = Math.max(nextFamilyId, familyIds);
    lastSequence = Math.max(lastSequence, edit.lastSequence());
    edit.createdFamilies().forEach(this::create);
    edit.changedFamilies().forEach(this::change);
    Map<Long, Place> removed = new HashMap<>();
    for (RemovedFile file : edit.removed()) {
      FileMetadata old = builder(file.family()).remove(file.level(), file.number());
      removed.put(file.number(), new Place(file.family(), old));
      files.remove(file.number());
    }
    for (AddedFile file : edit.added()) {
      add(file, removed.get(file.file().number()), files);
    }
    for (DeletedRanges deleted : edit.rangeTombstones()) {
      builder(deleted.family()).delete(deleted.tombstones());
    }
    for (FlushedSequence flushed : edit.flushed()) {
      Draft draft = draft(flushed.family());
      draft.family = draft.family.withFlushedSequence(flushed.sequence());
      lastSequence = Math.max(lastSequence, flushed.sequence());
    }
    for (VersionEdit.DropClock dropped : edit.dropClocks()) {
      Draft draft = draft(dropped.family());
      draft.family = draft.family.withDropClock(dropped.clock());
    }
    for (int family : edit.droppedFamilies()) {
      drop(family, files);
    }
  }

  StoreState build(Version.VersionOwner owner) {
    TreeMap<Integer, StoreState.Entry> entries = new TreeMap<>();
    families.forEach(
        (id, draft) -> {
          Version version = draft.builder == null ? draft.base : draft.builder.build(owner);
          entries.put(id, new StoreState.Entry(draft.family, version));
        });
    return new StoreState(entries, nextFileNumber, nextFamilyId, lastSequence);
  }

  private void create(CreatedFamily family) {
    int id = family.id();
    boolean isDefault = id == Family.DEFAULT_ID;
    if (id < 0 || id >= nextFamilyId || families.containsKey(id)) {
      throw refusal.apply("id " + id + " of a created family is in use or was never given out");
    }
    if (isDefault != family.name().equals(Family.DEFAULT_NAME)) {
      throw refusal.apply("id " + id + " does not go with the name of the created family");
    }
    checkName(family.name(), 1);
    if (family.comparatorId() != VersionEdit.BYTEWISE_COMPARATOR) {
      throw refusal.apply("unknown comparator id " + family.comparatorId());
    }
    checkSettings(family.settings());
    if (!names.add(family.name())) {
      throw refusal.apply("the name of created family " + id + " is in use");
    }
    if (families.size() >= MAX_FAMILIES) {
      throw refusal.apply("more than " + MAX_FAMILIES + " families");
    }
    Draft draft =
        new Draft(
            new Family(id, family.name(), family.comparatorId(), family.settings(), 0, 0),
            Version.empty());
    draft.builder = new VersionBuilder(draft.base, this::refuse);
    families.put(id, draft);
  }

  private void change(ChangedFamily change) {
    checkSettings(change.settings());
    Draft draft = draft(change.id());
    draft.family = draft.family.with(change);
  }

  private void checkSettings(FamilySettings settings) {
    checkName(settings.mergeOperator(), 0);
    int prefixLength = settings.prefixLength();
    if (prefixLength < 0 || prefixLength > FamilyCodec.MAX_PREFIX_LENGTH) {
      throw refusal.apply("impossible prefix length " + prefixLength);
    }
    if (settings.timeToLive() < 0) {
      throw refusal.apply("impossible time to live " + settings.timeToLive());
    }
    if (settings.fifo() != null && !settings.fifo().isPossible()) {
      throw refusal.apply("impossible limits of FIFO compaction " + settings.fifo());
    }
  }

  /** Replacement characters do not survive encoding, so that a malformed name is refused here. */
  private void checkName(String name, int minBytes) {
    byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
    if (utf8.length < minBytes || utf8.length > FamilyCodec.MAX_NAME_BYTES) {
      throw refusal.apply("a name of " + utf8.length + " bytes");
    }
    if (!new String(utf8, StandardCharsets.UTF_8).equals(name)) {
      throw refusal.apply("a name that is not well-formed text");
    }
  }

  private void add(AddedFile added, Place from, Map<Long, Integer> files) {
    FileMetadata file = added.file();
    if (file.number() >= nextFileNumber) {
      throw refusal.apply("number " + file.number() + " of an added table was never given out");
    }
    if (files.putIfAbsent(file.number(), added.family()) != null) {
      throw refusal.apply("added table " + file.number() + " is part of the store already");
    }
    if (from != null) {
      // A move: the object with the open reader and the count of versions goes on living.
      if (from.family() != added.family() || !from.file().describesSame(file)) {
        throw refusal.apply("moved table " + file.number() + " changes on its way");
      }
      file = from.file();
    }
    builder(added.family()).add(added.level(), file);
    lastSequence = Math.max(lastSequence, file.counts().largestSequence());
  }

  private void drop(int id, Map<Long, Integer> files) {
    Draft draft = draft(id);
    if (id == Family.DEFAULT_ID) {
      throw refusal.apply("the default family cannot be dropped");
    }
    families.remove(id);
    names.remove(draft.family.name());
    files.values().removeIf(family -> family == id);
  }

  private VersionBuilder builder(int family) {
    Draft draft = draft(family);
    if (draft.builder == null) {
      draft.builder = new VersionBuilder(draft.base, this::refuse);
    }
    return draft.builder;
  }

  private Draft draft(int family) {
    Draft draft = families.get(family);
    if (draft == null) {
      throw refusal.apply("there is no family " + family);
    }
    return draft;
  }

  private RuntimeException refuse(String problem) {
    return refusal.apply(problem);
  }
}
