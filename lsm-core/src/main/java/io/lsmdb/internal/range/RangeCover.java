package io.lsmdb.internal.range;

import io.lsmdb.internal.base.Bytes;
import java.util.Arrays;

/**
 * Range tombstones that can be asked about a key; and the answer for a key and its neighbours.
 *
 * <p>Not thread-safe: each cursor has its own. It asks its sources again only where a key lies
 * outside of the piece of the last answer, so that a walk along many keys of a piece costs a
 * comparison or two for each.
 */
public final class RangeCover {
  /** In place of a sequence: no range tombstone. */
  public static final long NONE = 0;

  /** Something that holds range tombstones. Thread-safe. */
  public interface Source {
    /**
     * The newest tombstone at or below a sequence that covers a key.
     *
     * @param key holds the user key
     * @param offset where it starts
     * @param length its length in bytes
     * @param sequence what the reader reads at
     * @return its sequence, or {@link #NONE}
     */
    long covering(byte[] key, int offset, int length, long sequence);

    /**
     * Makes an answer hold for this source as well.
     *
     * @param key the user key
     * @param sequence what the reader reads at
     * @param answer narrowed to the piece in which the key lies, with the newest sequence of both
     */
    void narrow(byte[] key, long sequence, RangeCover answer);
  }

  private final Source[] sources;
  private final long sequence;

  private boolean known;
  private byte[] from; // first key of the piece; null for the start of all keys
  private byte[] to; // where it ends, exclusive; null for the end of all keys
  private long cover;

  /**
   * Knows no answer yet.
   *
   * @param sources to be asked
   * @param sequence what the reader reads at
   */
  public RangeCover(Source[] sources, long sequence) {
    this.sources = sources;
    this.sequence = sequence;
  }

  /**
   * The newest tombstone that covers a key: entries of the key below its sequence do not count.
   *
   * @param key holds the user key
   * @param offset where it starts
   * @param length its length in bytes
   * @return its sequence, or {@link #NONE}
   */
  public long at(byte[] key, int offset, int length) {
    if (!known || !contains(key, offset, length)) {
      ask(key, offset, length);
    }
    return cover;
  }

  private boolean contains(byte[] key, int offset, int length) {
    return (from == null || Bytes.compare(key, offset, length, from, 0, from.length) >= 0)
        && (to == null || Bytes.compare(key, offset, length, to, 0, to.length) < 0);
  }

  private void ask(byte[] key, int offset, int length) {
    known = false;
    from = null;
    to = null;
    cover = NONE;
    byte[] copy = Arrays.copyOfRange(key, offset, offset + length);
    for (Source source : sources) {
      source.narrow(copy, sequence, this);
    }
    known = true;
  }

  /**
   * Where the piece of the last answer begins.
   *
   * @return null for the start of all keys; not to be changed
   */
  public byte[] from() {
    return from;
  }

  /**
   * Where the piece of the last answer ends.
   *
   * @return exclusive; null for the end of all keys; not to be changed
   */
  public byte[] to() {
    return to;
  }

  /** Narrows the answer to a piece of one source; null for no bound on that side. */
  void narrow(byte[] pieceFrom, byte[] pieceTo, long pieceCover) {
    if (pieceFrom != null && (from == null || compare(pieceFrom, from) > 0)) {
      from = pieceFrom;
    }
    if (pieceTo != null && (to == null || compare(pieceTo, to) < 0)) {
      to = pieceTo;
    }
    cover = Math.max(cover, pieceCover);
  }

  static int compare(byte[] a, byte[] b) {
    return Bytes.compare(a, 0, a.length, b, 0, b.length);
  }
}
