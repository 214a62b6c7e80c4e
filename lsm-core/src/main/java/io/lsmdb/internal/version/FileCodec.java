package io.lsmdb.internal.version;

import io.lsmdb.internal.base.ValueKind;
import io.lsmdb.internal.key.InternalKey;

/**
 * The encoding of what the manifest records of a table: the description of a file in
 * docs/manifest-format.md.
 *
 * <p>Stateless.
 *
 * <ol>
 *   <li>A description is the rest of its field: its extras go up to the end of that.
 *   <li>The numbers of extras stand here, and are frozen. Extras that this release does not know
 *       are skipped or refused by their numbers.
 *   <li>What was decoded has each value within its limits, and bounds in order. Whether such a file
 *       may be added is checked by {@link StoreStateBuilder}.
 * </ol>
 */
final class FileCodec {
  /** Reserved: the sequence of all entries of an ingested table. Refused. */
  static final int EXTRA_GLOBAL_SEQUENCE = 1;

  /** Reserved: entries below do not count. Refused. */
  static final int EXTRA_LOWER_CLIP = 2;

  /** Reserved: entries at or above do not count. Refused. */
  static final int EXTRA_UPPER_CLIP = 3;

  /** Reserved: what range tombstones inside of the table cover. Refused. */
  static final int EXTRA_RANGE_TOMBSTONES = 4;

  /** May be skipped: earliest expiry of an entry, ms since 1970. */
  static final int EXTRA_SMALLEST_EXPIRY = PayloadReader.FIRST_OPTIONAL_TAG;

  /** May be skipped: latest expiry of an entry, ms since 1970. */
  static final int EXTRA_LARGEST_EXPIRY = PayloadReader.FIRST_OPTIONAL_TAG + 1;

  /** May be skipped: how many entries have an expiry. */
  static final int EXTRA_EXPIRING = PayloadReader.FIRST_OPTIONAL_TAG + 2;

  /** May be skipped: range tombstones up to this sequence hide nothing in the table. */
  static final int EXTRA_CLEARED_TO = PayloadReader.FIRST_OPTIONAL_TAG + 3;

  /** May be skipped: what is in the table for snapshots alone; absent where nothing is. */
  static final int EXTRA_RETAINED = PayloadReader.FIRST_OPTIONAL_TAG + 4;

  private FileCodec() {}

  /** Writes the description of a file. */
  static void encode(FileMetadata file, PayloadWriter to) {
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
    if (expiries.entries() > 0) {
      to.field(EXTRA_SMALLEST_EXPIRY, expiries.smallest());
      to.field(EXTRA_LARGEST_EXPIRY, expiries.largest());
      to.field(EXTRA_EXPIRING, expiries.entries());
    }
    if (file.counts().clearedTo() > 0) {
      to.field(EXTRA_CLEARED_TO, file.counts().clearedTo());
    }
    FileMetadata.Retained retained = file.counts().retained();
    if (retained.entries() > 0) {
      to.field(EXTRA_RETAINED, encode(retained));
    }
  }

  private static PayloadWriter encode(FileMetadata.Retained retained) {
    PayloadWriter to = new PayloadWriter();
    to.varint(retained.entries());
    to.varint(retained.bytes());
    to.varint(retained.oldest());
    to.varint(retained.newest());
    to.varint(retained.snapshots());
    return to;
  }

  /**
   * Reads the description of a file, up to the end of the current field.
   *
   * @throws io.lsmdb.CorruptionException if anything is not as the format demands
   */
  static FileMetadata decode(PayloadReader from) {
    long number = number(from);
    long session = from.fixed64("session");
    long contentId = from.fixed64("content id");
    long size = from.positive("file size", Long.MAX_VALUE);
    int checksum = from.fixed32("file checksum");
    long created = from.varint("creation time", Long.MAX_VALUE);
    long entries = from.positive("number of entries", Long.MAX_VALUE);
    long tombstones = from.varint("number of tombstones", entries);
    long smallestSequence = from.sequence();
    long largestSequence = from.sequence();
    InternalKey smallest = key(from, "smallest key");
    InternalKey largest = key(from, "largest key");
    if (smallestSequence > largestSequence || smallest.compareTo(largest) > 0) {
      throw from.corrupt("bounds of a table out of order");
    }
    Extras extras = new Extras(entries);
    from.fields(tag -> extras.read(from, tag));
    return new FileMetadata(
        number,
        session,
        new FileMetadata.Content(contentId, size, checksum, created),
        new FileMetadata.Counts(
            entries,
            tombstones,
            smallestSequence,
            largestSequence,
            extras.expiries(from),
            extras.clearedTo,
            extras.retained),
        smallest,
        largest);
  }

  /** Reads the number of a file. */
  static long number(PayloadReader from) {
    return from.positive("file number", FileNumbers.MAX);
  }

  private static InternalKey key(PayloadReader from, String what) {
    byte[] userKey = from.block(what, InternalKey.MAX_KEY_LENGTH);
    long trailer = from.fixed64(what);
    if (!ValueKind.isSupported(InternalKey.kind(trailer))) {
      throw from.corrupt("unknown kind of entry in " + what);
    }
    return new InternalKey(userKey, trailer);
  }

  /** The extras of a file while they are being read. */
  private static final class Extras {
    private final long entries;
    private long smallestExpiry;
    private long largestExpiry;
    private long expiring;
    private long clearedTo;
    private FileMetadata.Retained retained = FileMetadata.Retained.NONE;

    Extras(long entries) {
      this.entries = entries;
    }

    void read(PayloadReader from, int tag) {
      switch (tag) {
        case EXTRA_SMALLEST_EXPIRY ->
            smallestExpiry = from.varint("smallest expiry", Long.MAX_VALUE);
        case EXTRA_LARGEST_EXPIRY -> largestExpiry = from.varint("largest expiry", Long.MAX_VALUE);
        case EXTRA_EXPIRING -> expiring = from.varint("number of expiring entries", entries);
        case EXTRA_CLEARED_TO -> clearedTo = from.sequence();
        case EXTRA_RETAINED -> retained = retained(from);
        default -> from.skipUnknown(tag);
      }
    }

    private FileMetadata.Retained retained(PayloadReader from) {
      FileMetadata.Retained result =
          new FileMetadata.Retained(
              from.varint("number of retained entries", entries),
              from.varint("retained bytes", Long.MAX_VALUE),
              from.sequence(),
              from.sequence(),
              from.positive("number of snapshots", Long.MAX_VALUE));
      if (result.oldest() > result.newest()) {
        throw from.corrupt("snapshots of a table out of order");
      }
      return result;
    }

    FileMetadata.Expiries expiries(PayloadReader from) {
      if (smallestExpiry > largestExpiry) {
        throw from.corrupt("expiries of a table out of order");
      }
      return expiring == 0
          ? FileMetadata.Expiries.NONE
          : new FileMetadata.Expiries(expiring, smallestExpiry, largestExpiry);
    }
  }
}
