package io.lsmdb.internal.version;

import io.lsmdb.CorruptionException;
import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.base.Varints;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A cursor over the payload of one manifest record that trusts nothing.
 *
 * <p>Not thread-safe. Whatever does not fit throws {@link CorruptionException} with the offset in
 * the file. Lengths are compared with what remains before anything is allocated.
 */
final class PayloadReader {
  private final byte[] bytes;
  private final String file;
  private final long base;
  private int at;
  private int limit;

  /**
   * Starts at the first byte.
   *
   * @param bytes the payload
   * @param file name of the manifest, for messages
   * @param base offset of the payload in the manifest, for messages
   */
  PayloadReader(byte[] bytes, String file, long base) {
    this.bytes = bytes;
    this.file = file;
    this.base = base;
    this.limit = bytes.length;
  }

  boolean atEnd() {
    return at == limit;
  }

  /** How many bytes are left of the current field. */
  int remaining() {
    return limit - at;
  }

  /** Reads a varint from 0 to a maximum. */
  long varint(String what, long max) {
    int end = Varints.end(bytes, at, limit, Varints.MAX_LONG_BYTES);
    if (end < 0) {
      throw corrupt("truncated " + what);
    }
    long value = Varints.readLong(bytes, at);
    if (value < 0 || value > max) {
      throw corrupt("impossible " + what);
    }
    at = end;
    return value;
  }

  int fixed32(String what) {
    need(Integer.BYTES, what);
    int value = Bytes.getInt(bytes, at);
    at += Integer.BYTES;
    return value;
  }

  long fixed64(String what) {
    need(Long.BYTES, what);
    long value = Bytes.getLong(bytes, at);
    at += Long.BYTES;
    return value;
  }

  /** Reads a length and so many bytes. */
  byte[] block(String what, int maxLength) {
    int length = (int) varint("length of " + what, maxLength);
    need(length, what);
    byte[] block = Arrays.copyOfRange(bytes, at, at + length);
    at += length;
    return block;
  }

  String text(String what, int maxLength) {
    byte[] utf8 = block(what, maxLength);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
    } catch (CharacterCodingException e) {
      throw new CorruptionException(file, base + at, "malformed " + what, e);
    }
  }

  /**
   * Narrows the view to the content of a field whose tag has just been read.
   *
   * @return the limit to give back to {@link #leave}
   */
  int enter() {
    int length = (int) varint("length of a field", Integer.MAX_VALUE);
    need(length, "field");
    int outer = limit;
    limit = at + length;
    return outer;
  }

  /** Ends a field that {@link #enter} began; its content must be used up. */
  void leave(int outerLimit) {
    if (at != limit) {
      throw corrupt("field longer than its content");
    }
    limit = outerLimit;
  }

  /** Skips what is left of the current field. */
  void skipRest() {
    at = limit;
  }

  CorruptionException corrupt(String problem) {
    return new CorruptionException(file, base + at, problem);
  }

  private void need(int length, String what) {
    if (length > limit - at) {
      throw corrupt("truncated " + what);
    }
  }
}
