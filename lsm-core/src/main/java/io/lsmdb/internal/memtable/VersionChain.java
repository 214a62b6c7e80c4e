package io.lsmdb.internal.memtable;

import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.base.ValueKind;
import io.lsmdb.internal.key.InternalKey;

/**
 * The version records of user keys, each linked to the next older one.
 *
 * <p>One writer; readers need no synchronisation beyond having acquired the head they start from.
 *
 * <p>The oldest version's record carries the key; the others carry links:
 *
 * <pre>
 *   first:  trailer 8 | lengths 4             | key | value     key &lt; 4095, value &lt; 1 MiB - 1 bytes
 *           trailer 8 | -1 4 | key 4, value 4 | key | value     otherwise
 *   later:  trailer 8 | previous 4 | jump 4 | depth 4 | value length 4 | value
 * </pre>
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>A record is written before a head that reaches it is released. Then only its link to the
 *       previous version changes, when that is unlinked; see {@link VersionRecycler}.
 *   <li>Trailers strictly fall (as unsigned numbers) along both previous and jump links.
 *   <li>The first version has depth 0 and counts as its own jump target; any other has the depth of
 *       its previous one plus 1, or the same if it takes the place of that.
 *   <li>Versions whose depth is a multiple of {@link #STRIDE} are stops. Any other jumps to the
 *       newest stop below it, and a stop to an older stop. A version is unlinked only if it was
 *       replaced as the newest one, by one of its depth and jump: nothing jumps to it. The first
 *       version never is.
 * </ol>
 *
 * <p>Why a chain of any length is searched in O(log n): a stop jumps twice as far as its
 * predecessor among the stops did whenever the predecessor's last two jumps were equally long, else
 * only to its predecessor, so the jump lengths follow the skew-binary numbers (E. W. Myers, "An
 * applicative random-access stack", Information Processing Letters 17, 1983). One link a version
 * suffices, no jump is ever rewritten, and a search that jumps where the target lies no later than
 * the landing point, and steps otherwise, takes at most about 3 log2(n) moves.
 *
 * <p>Why only some versions are stops: the jump of a stop is found by reading three older versions,
 * which lie anywhere in memory; that of any other comes from the newest version alone. Puts to
 * 10,000 keys in turn took 0.7 times the CPU with one stop in eight that they took with stops only.
 */
final class VersionChain {
  private static final int LENGTHS = 8;
  private static final int COMPACT_KEY = 12;
  private static final int WIDE_KEY_LENGTH = 12;
  private static final int WIDE_VALUE_LENGTH = 16;
  private static final int WIDE_KEY = 20;
  private static final int WIDE = -1;
  private static final int COMPACT_KEY_LIMIT = 0xFFF;
  private static final int COMPACT_VALUE_LIMIT = 0xFFFFF;
  private static final int VALUE_BITS = 20;

  /** One in so many versions of a key is a stop; at least 2. */
  private static final int STRIDE = 8;

  private static final int PREVIOUS = 8;
  private static final int JUMP = 12;
  private static final int DEPTH = 16;
  private static final int VALUE_LENGTH = 20;
  private static final int VALUE = 24;

  /** The most that a record takes besides key and value, in bytes. */
  static final int MAX_OVERHEAD = 24;

  private final PayloadArena payload;
  private final VersionRecycler versionRecycler;

  VersionChain(PayloadArena payload, MemTablePins readers) {
    this.payload = payload;
    this.versionRecycler = new VersionRecycler(payload, readers);
  }

  /** Writes a key with its first version and returns the record's reference. */
  int first(
      long trailer,
      byte[] key,
      int keyOffset,
      int keyLength,
      byte[] value,
      int valueOffset,
      int valueLength) {
    boolean compact = keyLength < COMPACT_KEY_LIMIT && valueLength < COMPACT_VALUE_LIMIT;
    int header = compact ? COMPACT_KEY : WIDE_KEY;
    int reference = payload.allocate(header + keyLength + valueLength);
    byte[] array = payload.array(reference);
    int record = PayloadArena.offset(reference);
    Bytes.putLong(array, record, trailer);
    if (compact) {
      Bytes.putInt(array, record + LENGTHS, keyLength << VALUE_BITS | valueLength);
    } else {
      Bytes.putInt(array, record + LENGTHS, WIDE);
      Bytes.putInt(array, record + WIDE_KEY_LENGTH, keyLength);
      Bytes.putInt(array, record + WIDE_VALUE_LENGTH, valueLength);
    }
    System.arraycopy(key, keyOffset, array, record + header, keyLength);
    System.arraycopy(value, valueOffset, array, record + header + keyLength, valueLength);
    return reference;
  }

  /**
   * Writes a newer version on top of a chain and returns the record's reference.
   *
   * @param replaces whether the new version says all that the one below it says, if that is a value
   *     or an operand
   */
  int append(
      int head,
      int oldest,
      long trailer,
      byte[] value,
      int valueOffset,
      int valueLength,
      boolean replaces) {
    long below = trailer(head);
    if (Long.compareUnsigned(trailer, below) <= 0) {
      throw new IllegalStateException(
          "version not newer than the last: sequence " + InternalKey.sequence(trailer));
    }
    int depth = depth(head, oldest);
    int jump = jump(head, oldest);
    boolean takesPlace =
        replaces
            && head != oldest
            && ValueKind.isVisible(InternalKey.kind(below))
            && versionRecycler.takes(laterRecordBytes(head));
    if (!takesPlace) {
      depth++;
      if (depth % STRIDE == 1) {
        jump = head;
      } else if (depth % STRIDE == 0) {
        jump = jumpOfStop(jump, oldest);
      }
    }
    int reference = versionRecycler.take(VALUE + valueLength);
    if (reference == 0) {
      reference = payload.allocate(VALUE + valueLength);
    }
    byte[] array = payload.array(reference);
    int record = PayloadArena.offset(reference);
    Bytes.putLong(array, record, trailer);
    Bytes.putInt(array, record + PREVIOUS, head);
    Bytes.putInt(array, record + JUMP, jump);
    Bytes.putInt(array, record + DEPTH, depth);
    Bytes.putInt(array, record + VALUE_LENGTH, valueLength);
    System.arraycopy(value, valueOffset, array, record + VALUE, valueLength);
    if (takesPlace) {
      versionRecycler.add(head, reference, InternalKey.sequence(trailer));
    }
    return reference;
  }

  /** Takes the version below another one out of the chain; both have records of later versions. */
  static void unlinkBelow(PayloadArena payload, int newer) {
    byte[] array = payload.array(newer);
    int link = PayloadArena.offset(newer) + PREVIOUS;
    int below = Bytes.getInt(array, link);
    int next = Bytes.getInt(payload.array(below), PayloadArena.offset(below) + PREVIOUS);
    Bytes.putInt(array, link, next);
  }

  /** Where a stop jumps to, given the stop before. */
  private int jumpOfStop(int before, int oldest) {
    int near = jump(before, oldest);
    int far = jump(near, oldest);
    int nearDepth = depth(near, oldest);
    boolean doubling = depth(before, oldest) - nearDepth == nearDepth - depth(far, oldest);
    return doubling ? far : before;
  }

  /** The newest version with a trailer at or below the given one; 0 when there is none. */
  int newestAtOrBelow(int head, int oldest, long searchTrailer) {
    if (!isAbove(head, searchTrailer)) {
      return head;
    }
    int above = oldestAbove(head, oldest, searchTrailer);
    return above == oldest ? 0 : previous(above);
  }

  /**
   * The oldest version with a trailer above the given one; 0 when there is none.
   *
   * <p>Each move keeps to versions above the trailer and takes the longest step that does.
   */
  int oldestAbove(int head, int oldest, long searchTrailer) {
    if (!isAbove(head, searchTrailer)) {
      return 0;
    }
    int version = head;
    while (version != oldest) {
      byte[] array = payload.array(version);
      int record = PayloadArena.offset(version);
      int jump = Bytes.getInt(array, record + JUMP);
      if (isAbove(jump, searchTrailer)) {
        version = jump;
        continue;
      }
      int previous = Bytes.getInt(array, record + PREVIOUS);
      if (!isAbove(previous, searchTrailer)) {
        break;
      }
      version = previous;
    }
    return version;
  }

  private boolean isAbove(int version, long searchTrailer) {
    return Long.compareUnsigned(trailer(version), searchTrailer) > 0;
  }

  /** The next older version; not to be called for the oldest. */
  int previous(int version) {
    return Bytes.getInt(payload.array(version), PayloadArena.offset(version) + PREVIOUS);
  }

  /** The version that a search may go on to in one move; the oldest one's is itself. */
  int jump(int version, int oldest) {
    return version == oldest
        ? oldest
        : Bytes.getInt(payload.array(version), PayloadArena.offset(version) + JUMP);
  }

  private int depth(int version, int oldest) {
    return version == oldest
        ? 0
        : Bytes.getInt(payload.array(version), PayloadArena.offset(version) + DEPTH);
  }

  private long trailer(int version) {
    return Bytes.getLong(payload.array(version), PayloadArena.offset(version));
  }

  static long trailer(byte[] array, int record) {
    return Bytes.getLong(array, record);
  }

  /** The packed lengths of a first version's record. */
  static int lengths(byte[] array, int record) {
    return Bytes.getInt(array, record + LENGTHS);
  }

  static int keyLength(byte[] array, int record) {
    int lengths = lengths(array, record);
    return lengths == WIDE ? Bytes.getInt(array, record + WIDE_KEY_LENGTH) : lengths >>> VALUE_BITS;
  }

  static int keyStart(byte[] array, int record) {
    return record + (Bytes.getInt(array, record + LENGTHS) == WIDE ? WIDE_KEY : COMPACT_KEY);
  }

  static int firstValueStart(byte[] array, int record) {
    return keyStart(array, record) + keyLength(array, record);
  }

  static int firstValueLength(byte[] array, int record) {
    int lengths = Bytes.getInt(array, record + LENGTHS);
    return lengths == WIDE
        ? Bytes.getInt(array, record + WIDE_VALUE_LENGTH)
        : lengths & COMPACT_VALUE_LIMIT;
  }

  private int laterRecordBytes(int version) {
    return laterRecordBytes(payload.array(version), PayloadArena.offset(version));
  }

  /** Bytes of a later version's record. */
  static int laterRecordBytes(byte[] array, int record) {
    return VALUE + laterValueLength(array, record);
  }

  static int laterValueStart(int record) {
    return record + VALUE;
  }

  static int laterValueLength(byte[] array, int record) {
    return Bytes.getInt(array, record + VALUE_LENGTH);
  }
}
