package io.lsmdb.internal.table;

import io.lsmdb.CorruptionException;
import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.base.Varints;
import io.lsmdb.internal.key.InternalKey;
import java.util.Arrays;

/**
 * What a table says of itself: counts, bounds, sizes, origin. Immutable; keys are not to be
 * changed.
 *
 * @param entries all entries
 * @param deletions point tombstones among them
 * @param merges merge operands among them
 * @param rangeDeletions range tombstones
 * @param expiring entries that carry an expiry
 * @param smallest first internal key
 * @param largest last internal key
 * @param smallestSequence smallest sequence number
 * @param largestSequence largest sequence number
 * @param smallestExpiry smallest expiry in ms since 1970; 0 without expiring entries
 * @param largestExpiry largest expiry in ms since 1970; 0 without expiring entries
 * @param rawKeyBytes bytes of all user keys
 * @param rawValueBytes bytes of all values
 * @param storedDataBytes bytes of all data blocks as stored
 * @param dataBlocks number of data blocks
 * @param creationTimeMillis when it was written, in ms since 1970
 * @param session session that wrote it
 * @param databaseIdHigh upper half of the id of the database that wrote it
 * @param databaseIdLow lower half of that id
 * @param fileNumber its number in that database
 * @param prefixLength length of the prefixes in its filter in bytes, 0 for none
 */
public record TableProperties(
    long entries,
    long deletions,
    long merges,
    long rangeDeletions,
    long expiring,
    InternalKey smallest,
    InternalKey largest,
    long smallestSequence,
    long largestSequence,
    long smallestExpiry,
    long largestExpiry,
    long rawKeyBytes,
    long rawValueBytes,
    long storedDataBytes,
    long dataBlocks,
    long creationTimeMillis,
    long session,
    long databaseIdHigh,
    long databaseIdLow,
    long fileNumber,
    int prefixLength) {

  private static final int TAG_SMALLEST_KEY = 6;
  private static final int TAG_LARGEST_KEY = 7;
  private static final int TAG_SESSION = 17;
  private static final int TAG_DATABASE_ID = 18;
  private static final int TAG_BOUND_TRAILERS = 20;
  private static final int LAST_REQUIRED_TAG = 20;
  private static final int TAG_PREFIX_LENGTH = 21; // left out where there is none
  private static final int LAST_TAG = 21;

  /**
   * Encodes them as the content of a properties block.
   *
   * @return the content
   */
  byte[] encode() {
    long[] numbers = {
      0,
      entries,
      deletions,
      merges,
      rangeDeletions,
      expiring,
      0,
      0,
      smallestSequence,
      largestSequence,
      smallestExpiry,
      largestExpiry,
      rawKeyBytes,
      rawValueBytes,
      storedDataBytes,
      dataBlocks,
      creationTimeMillis,
      0,
      0,
      fileNumber,
      0,
      prefixLength
    };
    byte[] small = smallest.userKey();
    byte[] large = largest.userKey();
    byte[] out = new byte[LAST_TAG * 24 + small.length + large.length];
    int p = 0;
    int last = prefixLength == 0 ? LAST_REQUIRED_TAG : LAST_TAG;
    for (int tag = 1; tag <= last; tag++) {
      p =
          switch (tag) {
            case TAG_SMALLEST_KEY -> put(out, p, tag, small);
            case TAG_LARGEST_KEY -> put(out, p, tag, large);
            case TAG_SESSION -> put(out, p, tag, longs(session));
            case TAG_DATABASE_ID -> put(out, p, tag, longs(databaseIdHigh, databaseIdLow));
            case TAG_BOUND_TRAILERS ->
                put(out, p, tag, longs(smallest.trailer(), largest.trailer()));
            default -> put(out, p, tag, varint(numbers[tag]));
          };
    }
    return Arrays.copyOf(out, p);
  }

  /**
   * Decodes the content of a properties block.
   *
   * @param content the bytes
   * @param length how many
   * @param file name for errors
   * @param position where the block stands, for errors
   * @return the properties
   */
  static TableProperties decode(byte[] content, int length, String file, long position) {
    byte[][] fields = new byte[LAST_TAG + 1][];
    int p = 0;
    long last = 0;
    while (p < length) {
      int tagEnd = Varints.end(content, p, length, Varints.MAX_INT_BYTES);
      check(tagEnd >= 0, file, position);
      int tag = Varints.readInt(content, p);
      int sizeEnd = Varints.end(content, tagEnd, length, Varints.MAX_INT_BYTES);
      check(tag > last && sizeEnd >= 0, file, position);
      int size = Varints.readInt(content, tagEnd);
      check(size >= 0 && size <= length - sizeEnd, file, position);
      if (tag <= LAST_TAG) {
        fields[tag] = Arrays.copyOfRange(content, sizeEnd, sizeEnd + size);
      }
      last = tag;
      p = sizeEnd + size;
    }
    long[] n = new long[LAST_TAG + 1];
    for (int tag = 1; tag <= LAST_TAG; tag++) {
      byte[] field = fields[tag];
      if (field == null && tag == TAG_PREFIX_LENGTH) {
        continue;
      }
      check(field != null, file, position);
      switch (tag) {
        case TAG_SMALLEST_KEY, TAG_LARGEST_KEY ->
            check(field.length <= InternalKey.MAX_KEY_LENGTH, file, position);
        case TAG_SESSION -> check(field.length == 8, file, position);
        case TAG_DATABASE_ID, TAG_BOUND_TRAILERS -> check(field.length == 16, file, position);
        default -> {
          check(Varints.end(field, 0, field.length, 10) == field.length, file, position);
          n[tag] = Varints.readLong(field, 0);
          check(n[tag] >= 0, file, position);
        }
      }
    }
    byte[] trailers = fields[TAG_BOUND_TRAILERS];
    byte[] id = fields[TAG_DATABASE_ID];
    TableProperties result =
        new TableProperties(
            n[1],
            n[2],
            n[3],
            n[4],
            n[5],
            new InternalKey(fields[TAG_SMALLEST_KEY], Bytes.getLong(trailers, 0)),
            new InternalKey(fields[TAG_LARGEST_KEY], Bytes.getLong(trailers, 8)),
            n[8],
            n[9],
            n[10],
            n[11],
            n[12],
            n[13],
            n[14],
            n[15],
            n[16],
            Bytes.getLong(fields[TAG_SESSION], 0),
            Bytes.getLong(id, 0),
            Bytes.getLong(id, 8),
            n[19],
            fields[TAG_PREFIX_LENGTH] == null
                ? 0
                : prefixLength(n[TAG_PREFIX_LENGTH], file, position));
    check(
        result.entries > 0
            && result.smallest.compareTo(result.largest) <= 0
            && result.smallestSequence <= result.largestSequence
            && result.largestSequence <= InternalKey.MAX_SEQUENCE,
        file,
        position);
    return result;
  }

  private static int prefixLength(long length, String file, long position) {
    check(length > 0 && length <= FilterFormat.MAX_PREFIX_LENGTH, file, position);
    return (int) length;
  }

  private static void check(boolean fine, String file, long position) {
    if (!fine) {
      throw new CorruptionException(file, position, "malformed table properties");
    }
  }

  private static int put(byte[] out, int at, int tag, byte[] field) {
    int p = Varints.writeInt(tag, out, at);
    p = Varints.writeInt(field.length, out, p);
    System.arraycopy(field, 0, out, p, field.length);
    return p + field.length;
  }

  private static byte[] varint(long value) {
    byte[] out = new byte[Varints.size(value)];
    Varints.writeLong(value, out, 0);
    return out;
  }

  private static byte[] longs(long... values) {
    byte[] out = new byte[8 * values.length];
    for (int i = 0; i < values.length; i++) {
      Bytes.putLong(out, 8 * i, values[i]);
    }
    return out;
  }
}
