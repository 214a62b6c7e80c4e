package io.lsmdb.internal.version;

import io.lsmdb.internal.range.RangeTombstones;
import io.lsmdb.internal.version.VersionEdit.AddedFile;
import io.lsmdb.internal.version.VersionEdit.CreatedFamily;
import io.lsmdb.internal.version.VersionEdit.DeletedRanges;
import io.lsmdb.internal.version.VersionEdit.DropClock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Everything that a manifest describes, at one moment.
 *
 * <p>Immutable, hence thread-safe. Holds no references to its versions: who keeps a state beyond
 * the version set's own use takes it from {@link VersionSet#pin}.
 */
public final class StoreState {
  /** Roughly how much of a description goes into one manifest record, in bytes. */
  private static final int RECORD_TARGET = 1 << 20;

  /** What a description of a file takes beside its two keys, at most, in bytes. */
  private static final int FILE_OVERHEAD = 128;

  /** What a piece of range tombstones takes beside its bound, at most, in bytes. */
  private static final int PIECE_OVERHEAD = 8;

  /** What the sequence of a range tombstone takes, at most, in bytes. */
  private static final long SEQUENCE_BYTES = 8;

  private final SortedMap<Integer, Entry> families;
  private final long nextFileNumber;
  private final int nextFamilyId;
  private final long lastSequence;

  /**
   * One family with its tables.
   *
   * @param family its description
   * @param version its tables
   */
  public record Entry(Family family, Version version) {}

  StoreState(
      SortedMap<Integer, Entry> families,
      long nextFileNumber,
      int nextFamilyId,
      long lastSequence) {
    this.families = Collections.unmodifiableSortedMap(new TreeMap<>(families));
    this.nextFileNumber = nextFileNumber;
    this.nextFamilyId = nextFamilyId;
    this.lastSequence = lastSequence;
  }

  static StoreState empty() {
    return new StoreState(new TreeMap<>(), 1, 0, 0);
  }

  /**
   * The living families.
   *
   * @return by id, unmodifiable
   */
  public SortedMap<Integer, Entry> families() {
    return families;
  }

  /**
   * All file numbers below are used up.
   *
   * @return at least 1
   */
  public long nextFileNumber() {
    return nextFileNumber;
  }

  /**
   * All family ids below are used up.
   *
   * @return at least 0
   */
  public int nextFamilyId() {
    return nextFamilyId;
  }

  /**
   * The largest sequence number that the manifest or a table knows of.
   *
   * @return 0 for an empty store
   */
  public long lastSequence() {
    return lastSequence;
  }

  /** The family of each file by number; a fresh map. */
  Map<Long, Integer> familiesOfFiles() {
    Map<Long, Integer> files = new HashMap<>();
    for (Entry entry : families.values()) {
      for (int level = 0; level < Version.LEVELS; level++) {
        for (FileMetadata file : entry.version().array(level)) {
          files.put(file.number(), entry.family().id());
        }
      }
    }
    return files;
  }

  /** Gives back the references that {@link VersionSet#pin} took. */
  public void unpin() {
    for (Entry entry : families.values()) {
      entry.version().release();
    }
  }

  /**
   * Edits that lead from nothing to this state.
   *
   * @param fileNumbers the next file number to record
   * @return at least one edit
   */
  List<VersionEdit> toEdits(long fileNumbers) {
    VersionEdit.Builder first =
        VersionEdit.builder().nextFileNumber(fileNumbers).lastSequence(lastSequence);
    List<AddedFile> added = new ArrayList<>();
    List<VersionEdit> deleted = new ArrayList<>();
    for (Entry entry : families.values()) {
      Family family = entry.family();
      first.createFamily(
          new CreatedFamily(family.id(), family.name(), family.comparatorId(), family.settings()));
      if (family.flushedSequence() > 0) {
        first.flushed(family.id(), family.flushedSequence());
      }
      first.dropClocks(DropClock.of(family.id(), family.dropClock()));
      for (int level = 0; level < Version.LEVELS; level++) {
        for (FileMetadata file : entry.version().array(level)) {
          added.add(new AddedFile(family.id(), level, file));
        }
      }
      addInParts(family.id(), entry.version().rangeTombstones(), deleted);
    }
    List<VersionEdit> edits = new ArrayList<>();
    edits.add(first.build());
    addInParts(added, edits);
    edits.addAll(deleted); // which would go at once if the files that need them came later
    return edits;
  }

  private static void addInParts(int family, RangeTombstones all, List<VersionEdit> to) {
    RangeTombstones.Builder part = new RangeTombstones.Builder();
    long size = 0;
    for (int piece = 0; piece < all.pieces(); piece++) {
      part.add(all.from(piece), all.sequences(piece));
      size +=
          PIECE_OVERHEAD + all.from(piece).length + SEQUENCE_BYTES * all.sequences(piece).length;
      if (size >= RECORD_TARGET || piece == all.pieces() - 1) {
        if (all.to(piece) != null) {
          part.add(all.to(piece));
        }
        DeletedRanges deleted = new DeletedRanges(family, part.build());
        to.add(VersionEdit.builder().deleteRanges(deleted).build());
        part = new RangeTombstones.Builder();
        size = 0;
      }
    }
  }

  private static void addInParts(List<AddedFile> added, List<VersionEdit> to) {
    int from = 0;
    long size = 0;
    for (int i = 0; i < added.size(); i++) {
      FileMetadata file = added.get(i).file();
      size += FILE_OVERHEAD + file.smallest().userKey().length + file.largest().userKey().length;
      if (size >= RECORD_TARGET || i == added.size() - 1) {
        to.add(VersionEdit.builder().addFiles(added.subList(from, i + 1)).build());
        from = i + 1;
        size = 0;
      }
    }
  }

  /**
   * What tells a store from others, in one of its openings.
   *
   * @param databaseHigh upper half of the store's id
   * @param databaseLow lower half of the store's id
   * @param session id of this opening, not 0
   */
  record Identity(long databaseHigh, long databaseLow, long session) {}
}
