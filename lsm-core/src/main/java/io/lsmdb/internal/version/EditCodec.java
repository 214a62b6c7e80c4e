package io.lsmdb.internal.version;

import io.lsmdb.CorruptionException;
import io.lsmdb.internal.key.InternalKey;
import io.lsmdb.internal.range.RangeTombstones;
import io.lsmdb.internal.version.VersionEdit.AddedFile;
import io.lsmdb.internal.version.VersionEdit.ChangedFamily;
import io.lsmdb.internal.version.VersionEdit.CreatedFamily;
import io.lsmdb.internal.version.VersionEdit.DeletedRanges;
import io.lsmdb.internal.version.VersionEdit.DropClock;
import io.lsmdb.internal.version.VersionEdit.FlushedSequence;
import io.lsmdb.internal.version.VersionEdit.RemovedFile;
import java.util.List;

/**
 * The encoding of a {@link VersionEdit} as the payload of a manifest record.
 *
 * <p>Stateless. The format is docs/manifest-format.md; its numbers stand here, those of the
 * descriptions of families and files in {@link FamilyCodec} and {@link FileCodec}, and are frozen.
 * Decoding checks each value for itself; whether the edit makes sense where it stands is checked by
 * {@link StoreStateBuilder}.
 */
final class EditCodec {
  /** The largest payload: 256 MiB. */
  static final int MAX_PAYLOAD = 1 << 28;

  private static final int NEXT_FILE_NUMBER = 1;
  private static final int LAST_SEQUENCE = 2;
  private static final int NEXT_FAMILY_ID = 3;
  private static final int CREATED_FAMILY = 4;
  private static final int REMOVED_FILE = 5;
  private static final int ADDED_FILE = 6;
  private static final int FLUSHED_SEQUENCE = 7;
  private static final int DROPPED_FAMILY = 8;

  private static final int DROP_CLOCK = 9;
  private static final int CHANGED_FAMILY = 10;
  private static final int RANGE_TOMBSTONES = 11;

  /**
   * An edit with what only the manifest records.
   *
   * @param edit the edit
   * @param nextFamilyId all ids below are used up; 0 when unchanged
   */
  record Decoded(VersionEdit edit, int nextFamilyId) {}

  private EditCodec() {}

  /**
   * Encodes an edit of this process.
   *
   * @throws IllegalStateException if it could not be read again
   */
  static byte[] encodeReadable(VersionEdit edit, int nextFamilyId) {
    byte[] payload = encode(edit, nextFamilyId);
    if (payload.length > MAX_PAYLOAD) {
      throw new IllegalStateException("an edit of " + payload.length + " bytes");
    }
    try {
      decode(payload, "edit", 0);
    } catch (CorruptionException e) {
      throw new IllegalStateException("an edit that could not be read again", e);
    }
    return payload;
  }

  static byte[] encode(VersionEdit edit, int nextFamilyId) {
    PayloadWriter to = new PayloadWriter();
    PayloadWriter field = new PayloadWriter();
    changed(to, NEXT_FILE_NUMBER, edit.nextFileNumber());
    changed(to, LAST_SEQUENCE, edit.lastSequence());
    changed(to, NEXT_FAMILY_ID, nextFamilyId);
    for (CreatedFamily family : edit.createdFamilies()) {
      field.clear();
      FamilyCodec.encode(family, field);
      to.field(CREATED_FAMILY, field);
    }
    for (RemovedFile file : edit.removed()) {
      field.clear();
      field.varint(file.family());
      field.varint(file.level());
      field.varint(file.number());
      to.field(REMOVED_FILE, field);
    }
    for (AddedFile file : edit.added()) {
      field.clear();
      field.varint(file.family());
      field.varint(file.level());
      FileCodec.encode(file.file(), field);
      to.field(ADDED_FILE, field);
    }
    for (FlushedSequence flushed : edit.flushed()) {
      field.clear();
      field.varint(flushed.family());
      field.varint(flushed.sequence());
      to.field(FLUSHED_SEQUENCE, field);
    }
    for (int family : edit.droppedFamilies()) {
      field.clear();
      field.varint(family);
      to.field(DROPPED_FAMILY, field);
    }
    for (DropClock dropped : edit.dropClocks()) {
      field.clear();
      field.varint(dropped.family());
      field.varint(dropped.clock());
      to.field(DROP_CLOCK, field);
    }
    for (ChangedFamily family : edit.changedFamilies()) {
      field.clear();
      FamilyCodec.encode(family, field);
      to.field(CHANGED_FAMILY, field);
    }
    for (DeletedRanges deleted : edit.rangeTombstones()) {
      field.clear();
      field.varint(deleted.family());
      pieces(field, deleted.tombstones());
      to.field(RANGE_TOMBSTONES, field);
    }
    return to.toByteArray();
  }

  private static void changed(PayloadWriter to, int tag, long value) {
    if (value != 0) {
      to.field(tag, value);
    }
  }

  private static void pieces(PayloadWriter to, RangeTombstones tombstones) {
    for (int piece = 0; piece < tombstones.pieces(); piece++) {
      long[] falling = tombstones.sequences(piece);
      to.block(tombstones.from(piece));
      to.varint(falling.length);
      for (int i = 0; i < falling.length; i++) {
        to.varint(i == 0 ? falling[0] : falling[i - 1] - falling[i]);
      }
    }
  }

  /**
   * Decodes a payload.
   *
   * @param payload the payload, its checksum verified
   * @param file name of the manifest, for messages
   * @param base offset of the payload in the manifest, for messages
   * @return the edit
   * @throws io.lsmdb.CorruptionException if anything is not as the format demands
   */
  static Decoded decode(byte[] payload, String file, long base) {
    PayloadReader from = new PayloadReader(payload, file, base);
    Collector to = new Collector();
    from.fields(tag -> field(from, tag, to));
    return to.finish();
  }

  private static void field(PayloadReader from, int tag, Collector to) {
    switch (tag) {
      case NEXT_FILE_NUMBER -> {
        refuseSecond(from, to.nextFileNumber);
        to.nextFileNumber = from.positive("next file number", FileNumbers.MAX);
      }
      case LAST_SEQUENCE -> {
        refuseSecond(from, to.lastSequence);
        to.lastSequence = from.positive("last sequence", InternalKey.MAX_SEQUENCE);
      }
      case NEXT_FAMILY_ID -> {
        refuseSecond(from, to.nextFamilyId);
        to.nextFamilyId = (int) from.positive("next family id", Integer.MAX_VALUE);
      }
      case CREATED_FAMILY -> to.edit.createFamily(FamilyCodec.createdFamily(from));
      case REMOVED_FILE ->
          to.edit.removeFiles(
              List.of(new RemovedFile(FamilyCodec.id(from), level(from), FileCodec.number(from))));
      case ADDED_FILE -> to.edit.addFile(FamilyCodec.id(from), level(from), FileCodec.decode(from));
      case FLUSHED_SEQUENCE -> to.edit.flushed(FamilyCodec.id(from), from.sequence());
      case DROP_CLOCK ->
          to.edit.dropClocks(
              List.of(
                  new DropClock(FamilyCodec.id(from), from.varint("drop clock", Long.MAX_VALUE))));
      case CHANGED_FAMILY -> to.edit.changeFamilies(List.of(FamilyCodec.changedFamily(from)));
      case RANGE_TOMBSTONES ->
          to.edit.deleteRanges(new DeletedRanges(FamilyCodec.id(from), rangeTombstones(from)));
      case DROPPED_FAMILY -> to.edit.dropFamily(FamilyCodec.id(from));
      default -> from.skipUnknown(tag);
    }
  }

  private static RangeTombstones rangeTombstones(PayloadReader from) {
    RangeTombstones.Builder pieces = new RangeTombstones.Builder();
    while (!from.atEnd()) {
      byte[] bound = from.block("bound of range tombstones", InternalKey.MAX_KEY_LENGTH);
      // Each sequence takes a byte at least, so the count says no more than there are bytes.
      long[] falling = new long[(int) from.varint("number of range tombstones", from.remaining())];
      for (int i = 0; i < falling.length; i++) {
        long number = from.positive("sequence of a range tombstone", InternalKey.MAX_SEQUENCE);
        falling[i] = i == 0 ? number : falling[i - 1] - number;
      }
      if (falling.length > 0 && falling[falling.length - 1] <= 0) {
        throw from.corrupt("impossible sequence of a range tombstone");
      }
      try {
        pieces.add(bound, falling);
      } catch (IllegalArgumentException e) {
        throw from.corrupt(e.getMessage());
      }
    }
    RangeTombstones tombstones = pieces.build();
    if (tombstones.isEmpty()) {
      throw from.corrupt("range tombstones that delete nothing");
    }
    return tombstones;
  }

  private static int level(PayloadReader from) {
    return (int) from.varint("level", Version.LEVELS - 1);
  }

  private static void refuseSecond(PayloadReader from, long earlier) {
    if (earlier != 0) {
      throw from.corrupt("repeated field");
    }
  }

  /** The parts of an edit while they are being read. */
  private static final class Collector {
    private final VersionEdit.Builder edit = VersionEdit.builder();
    private long nextFileNumber;
    private long lastSequence;
    private int nextFamilyId;

    Decoded finish() {
      edit.nextFileNumber(nextFileNumber).lastSequence(lastSequence);
      return new Decoded(edit.build(), nextFamilyId);
    }
  }
}
