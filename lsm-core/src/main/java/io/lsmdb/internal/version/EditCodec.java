package io.lsmdb.internal.version;

import io.lsmdb.CorruptionException;
import io.lsmdb.internal.base.ValueKind;
import io.lsmdb.internal.key.InternalKey;
import io.lsmdb.internal.range.RangeTombstones;
import io.lsmdb.internal.version.VersionEdit.AddedFile;
import io.lsmdb.internal.version.VersionEdit.ChangedFamily;
import io.lsmdb.internal.version.VersionEdit.CreatedFamily;
import io.lsmdb.internal.version.VersionEdit.DeletedRanges;
import io.lsmdb.internal.version.VersionEdit.DropClock;
import io.lsmdb.internal.version.VersionEdit.FlushedSequence;
import io.lsmdb.internal.version.VersionEdit.RemovedFile;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The encoding of a {@link VersionEdit} as the payload of a manifest record.
 *
 * <p>Stateless. The format is docs/manifest-format.md; its numbers stand here and are frozen.
 * Decoding checks each value for itself; whether the edit makes sense where it stands is checked by
 * {@link StoreStateBuilder}.
 */
final class EditCodec {
  /** The largest payload: 256 MiB. */
  static final int MAX_PAYLOAD = 1 << 28;

  /** Longest name of a family or of a merge operator in bytes of UTF-8. */
  static final int MAX_NAME_BYTES = 1024;

  /** Longest prefix of keys for filters, in bytes. */
  static final int MAX_PREFIX_LENGTH = 64 * 1024;

  /** The largest file number: 2^62 - 1. */
  static final long MAX_FILE_NUMBER = (1L << 62) - 1;

  /** Tags from here on may be skipped by a reader that does not know them. */
  static final int FIRST_OPTIONAL_TAG = 64;

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

  /** Reserved extra of a file: the sequence of all entries of an ingested table. Refused. */
  static final int EXTRA_GLOBAL_SEQUENCE = 1;

  /** Reserved extra of a file: entries below do not count. Refused. */
  static final int EXTRA_LOWER_CLIP = 2;

  /** Reserved extra of a file: entries at or above do not count. Refused. */
  static final int EXTRA_UPPER_CLIP = 3;

  /** Reserved extra of a file: what range tombstones inside of it cover. Refused. */
  static final int EXTRA_RANGE_TOMBSTONES = 4;

  /** Extra of a file, may be skipped: earliest expiry of an entry, ms since 1970. */
  static final int EXTRA_SMALLEST_EXPIRY = FIRST_OPTIONAL_TAG;

  /** Extra of a file, may be skipped: latest expiry of an entry, ms since 1970. */
  static final int EXTRA_LARGEST_EXPIRY = FIRST_OPTIONAL_TAG + 1;

  /** Extra of a file, may be skipped: how many entries have an expiry. */
  static final int EXTRA_EXPIRING = FIRST_OPTIONAL_TAG + 2;

  /** Extra of a file, may be skipped: range tombstones up to this sequence hide nothing in it. */
  static final int EXTRA_CLEARED_TO = FIRST_OPTIONAL_TAG + 3;

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
    number(to, field, NEXT_FILE_NUMBER, edit.nextFileNumber());
    number(to, field, LAST_SEQUENCE, edit.lastSequence());
    number(to, field, NEXT_FAMILY_ID, nextFamilyId);
    for (CreatedFamily family : edit.createdFamilies()) {
      field.clear();
      field.varint(family.id());
      field.varint(family.comparatorId());
      field.varint(family.prefixLength());
      field.block(family.name().getBytes(StandardCharsets.UTF_8));
      field.block(family.mergeOperator().getBytes(StandardCharsets.UTF_8));
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
      file(field, file.file());
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
      field.varint(family.id());
      field.varint(family.prefixLength());
      field.block(family.mergeOperator().getBytes(StandardCharsets.UTF_8));
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

  private static void number(PayloadWriter to, PayloadWriter field, int tag, long value) {
    if (value != 0) {
      field.clear();
      field.varint(value);
      to.field(tag, field);
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

  private static void file(PayloadWriter to, FileMetadata file) {
    to.varint(file.number());
    to.fixed64(file.session());
    to.fixed64(file.content().contentId());
    to.varint(file.content().size());
    to.fixed32(file.content().checksum());
    to.varint(file.content().creationTimeMillis());
    to.varint(file.counts().entries());
    to.varint(file.counts().tombstones());
    to.varint(file.counts().smallestSequence());
    to.varint(file.counts().largestSequence());
    to.block(file.smallest().userKey());
    to.fixed64(file.smallest().trailer());
    to.block(file.largest().userKey());
    to.fixed64(file.largest().trailer());
    FileMetadata.Expiries expiries = file.counts().expiries();
    PayloadWriter extra = new PayloadWriter();
    if (expiries.entries() > 0) {
      extra(to, extra, EXTRA_SMALLEST_EXPIRY, expiries.smallest());
      extra(to, extra, EXTRA_LARGEST_EXPIRY, expiries.largest());
      extra(to, extra, EXTRA_EXPIRING, expiries.entries());
    }
    if (file.counts().clearedTo() > 0) {
      extra(to, extra, EXTRA_CLEARED_TO, file.counts().clearedTo());
    }
  }

  private static void extra(PayloadWriter to, PayloadWriter extra, int tag, long value) {
    extra.clear();
    extra.varint(value);
    to.field(tag, extra);
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
    Collector edit = new Collector();
    while (!from.atEnd()) {
      int tag = (int) from.varint("tag", Integer.MAX_VALUE);
      int outer = from.enter();
      field(from, tag, edit);
      from.leave(outer);
    }
    return edit.finish();
  }

  private static void field(PayloadReader from, int tag, Collector edit) {
    switch (tag) {
      case NEXT_FILE_NUMBER -> {
        refuseSecond(from, edit.nextFileNumber);
        edit.nextFileNumber = positive(from, "next file number", MAX_FILE_NUMBER);
      }
      case LAST_SEQUENCE -> {
        refuseSecond(from, edit.lastSequence);
        edit.lastSequence = positive(from, "last sequence", InternalKey.MAX_SEQUENCE);
      }
      case NEXT_FAMILY_ID -> {
        refuseSecond(from, edit.nextFamilyId);
        edit.nextFamilyId = (int) positive(from, "next family id", Integer.MAX_VALUE);
      }
      case CREATED_FAMILY -> edit.created.add(createdFamily(from));
      case REMOVED_FILE ->
          edit.removed.add(new RemovedFile(familyId(from), level(from), fileNumber(from)));
      case ADDED_FILE -> edit.added.add(new AddedFile(familyId(from), level(from), file(from)));
      case FLUSHED_SEQUENCE ->
          edit.flushed.add(new FlushedSequence(familyId(from), sequence(from)));
      case DROP_CLOCK ->
          edit.dropClocks.add(
              new DropClock(familyId(from), from.varint("drop clock", Long.MAX_VALUE)));
      case CHANGED_FAMILY -> edit.changed.add(changedFamily(from));
      case RANGE_TOMBSTONES ->
          edit.deleted.add(new DeletedRanges(familyId(from), rangeTombstones(from)));
      case DROPPED_FAMILY -> edit.dropped.add(familyId(from));
      default -> skipUnknown(from, tag);
    }
  }

  private static CreatedFamily createdFamily(PayloadReader from) {
    int id = familyId(from);
    long comparator = from.varint("comparator id", Integer.MAX_VALUE);
    if (comparator != VersionEdit.BYTEWISE_COMPARATOR) {
      throw from.corrupt("unknown comparator id " + comparator);
    }
    int prefixLength = prefixLength(from);
    String name = from.text("family name", MAX_NAME_BYTES);
    if (name.isEmpty()) {
      throw from.corrupt("empty family name");
    }
    String mergeOperator = mergeOperator(from);
    skipExtras(from);
    return new CreatedFamily(id, name, (int) comparator, mergeOperator, prefixLength);
  }

  private static ChangedFamily changedFamily(PayloadReader from) {
    int id = familyId(from);
    int prefixLength = prefixLength(from);
    String mergeOperator = mergeOperator(from);
    skipExtras(from);
    return new ChangedFamily(id, mergeOperator, prefixLength);
  }

  private static int prefixLength(PayloadReader from) {
    return (int) from.varint("prefix length", MAX_PREFIX_LENGTH);
  }

  private static String mergeOperator(PayloadReader from) {
    return from.text("merge operator name", MAX_NAME_BYTES);
  }

  private static RangeTombstones rangeTombstones(PayloadReader from) {
    RangeTombstones.Builder pieces = new RangeTombstones.Builder();
    while (!from.atEnd()) {
      byte[] bound = from.block("bound of range tombstones", InternalKey.MAX_KEY_LENGTH);
      // Each sequence takes a byte at least, so the count says no more than there are bytes.
      long[] falling = new long[(int) from.varint("number of range tombstones", from.remaining())];
      for (int i = 0; i < falling.length; i++) {
        long number = positive(from, "sequence of a range tombstone", InternalKey.MAX_SEQUENCE);
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

  private static FileMetadata file(PayloadReader from) {
    long number = fileNumber(from);
    long session = from.fixed64("session");
    long contentId = from.fixed64("content id");
    long size = positive(from, "file size", Long.MAX_VALUE);
    int checksum = from.fixed32("file checksum");
    long created = from.varint("creation time", Long.MAX_VALUE);
    long entries = positive(from, "number of entries", Long.MAX_VALUE);
    long tombstones = from.varint("number of tombstones", entries);
    long smallestSequence = sequence(from);
    long largestSequence = sequence(from);
    InternalKey smallest = key(from, "smallest key");
    InternalKey largest = key(from, "largest key");
    if (smallestSequence > largestSequence || smallest.compareTo(largest) > 0) {
      throw from.corrupt("bounds of a table out of order");
    }
    Extras extras = extras(from, entries);
    return new FileMetadata(
        number,
        session,
        new FileMetadata.Content(contentId, size, checksum, created),
        new FileMetadata.Counts(
            entries,
            tombstones,
            smallestSequence,
            largestSequence,
            extras.expiries,
            extras.clearedTo),
        smallest,
        largest);
  }

  private record Extras(FileMetadata.Expiries expiries, long clearedTo) {}

  /** Reads the extras of a file, of which only these are known. */
  private static Extras extras(PayloadReader from, long entries) {
    long clearedTo = 0;
    long smallest = 0;
    long largest = 0;
    long expiring = 0;
    while (!from.atEnd()) {
      int tag = (int) from.varint("tag", Integer.MAX_VALUE);
      int outer = from.enter();
      switch (tag) {
        case EXTRA_SMALLEST_EXPIRY -> smallest = from.varint("smallest expiry", Long.MAX_VALUE);
        case EXTRA_LARGEST_EXPIRY -> largest = from.varint("largest expiry", Long.MAX_VALUE);
        case EXTRA_EXPIRING -> expiring = from.varint("number of expiring entries", entries);
        case EXTRA_CLEARED_TO -> clearedTo = sequence(from);
        default -> skipUnknown(from, tag);
      }
      from.leave(outer);
    }
    if (smallest > largest) {
      throw from.corrupt("expiries of a table out of order");
    }
    return new Extras(
        expiring == 0
            ? FileMetadata.Expiries.NONE
            : new FileMetadata.Expiries(expiring, smallest, largest),
        clearedTo);
  }

  private static InternalKey key(PayloadReader from, String what) {
    byte[] userKey = from.block(what, InternalKey.MAX_KEY_LENGTH);
    long trailer = from.fixed64(what);
    if (!ValueKind.isSupported(InternalKey.kind(trailer))) {
      throw from.corrupt("unknown kind of entry in " + what);
    }
    return new InternalKey(userKey, trailer);
  }

  private static void skipExtras(PayloadReader from) {
    while (!from.atEnd()) {
      int tag = (int) from.varint("tag", Integer.MAX_VALUE);
      int outer = from.enter();
      skipUnknown(from, tag);
      from.leave(outer);
    }
  }

  private static void skipUnknown(PayloadReader from, int tag) {
    if (tag < FIRST_OPTIONAL_TAG) {
      throw from.corrupt("field " + tag + ", unknown to this version of the library,");
    }
    from.skipRest();
  }

  private static int familyId(PayloadReader from) {
    return (int) from.varint("family id", Integer.MAX_VALUE - 1);
  }

  private static int level(PayloadReader from) {
    return (int) from.varint("level", Version.LEVELS - 1);
  }

  private static long fileNumber(PayloadReader from) {
    return positive(from, "file number", MAX_FILE_NUMBER);
  }

  private static long sequence(PayloadReader from) {
    return from.varint("sequence", InternalKey.MAX_SEQUENCE);
  }

  private static long positive(PayloadReader from, String what, long max) {
    long value = from.varint(what, max);
    if (value == 0) {
      throw from.corrupt("impossible " + what);
    }
    return value;
  }

  private static void refuseSecond(PayloadReader from, long earlier) {
    if (earlier != 0) {
      throw from.corrupt("repeated field");
    }
  }

  /** The parts of an edit while they are being read. */
  private static final class Collector {
    private final List<CreatedFamily> created = new ArrayList<>();
    private final List<ChangedFamily> changed = new ArrayList<>();
    private final List<RemovedFile> removed = new ArrayList<>();
    private final List<AddedFile> added = new ArrayList<>();
    private final List<FlushedSequence> flushed = new ArrayList<>();
    private final List<Integer> dropped = new ArrayList<>();
    private final List<DropClock> dropClocks = new ArrayList<>();
    private final List<DeletedRanges> deleted = new ArrayList<>();
    private long nextFileNumber;
    private long lastSequence;
    private int nextFamilyId;

    Decoded finish() {
      return new Decoded(
          new VersionEdit(
              created,
              changed,
              removed,
              added,
              flushed,
              dropped,
              dropClocks,
              deleted,
              nextFileNumber,
              lastSequence),
          nextFamilyId);
    }
  }
}
