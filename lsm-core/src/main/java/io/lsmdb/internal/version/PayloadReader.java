package io.lsmdb.internal.version;

import io.lsmdb.CorruptionException;
import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.base.Varints;
import io.lsmdb.internal.key.InternalKey;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.IntConsumer;

/**
 * A cursor over the payload of one manifest record that trusts nothing.
 *
 * <p>Not thread-safe. Whatever does not fit throws {@link CorruptionException} with the offset in
 * the file. Lengths are compared with what remains before anything is allocated.
 */
final class PayloadReader {
  /** Tags from here on may be skipped by a reader that does not know them. */
  static final int FIRST_OPTIONAL_TAG = 64;

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

  /** Reads a varint from 1 to a maximum. */
  long positive(String what, long max) {
    long value = varint(what, max);
    if (value == 0) {
      throw corrupt("impossible " + what);
    }
    return value;
  }

  long sequence() {
    return varint("sequence", InternalKey.MAX_SEQUENCE);
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
   * Reads fields up to the end: of the payload, or of the field that is being read.
   *
   * @param content reads the content of a field, whose tag it is given, to its end
   */
  void fields(IntConsumer content) {
    while (!atEnd()) {
      int tag = (int) varint("tag", Integer.MAX_VALUE);
      int length = (int) varint("length of a field", Integer.MAX_VALUE);
      need(length, "field");
      int outer = limit;
      limit = at + length;
      content.accept(tag);
      if (at != limit) {
        throw corrupt("field longer than its content");
      }
      limit = outer;
    }
  }

  /** Skips the content of a field that this release does not know, if the field allows that. */
  void skipUnknown(int tag) {
    if (tag < FIRST_OPTIONAL_TAG) {
      throw corrupt("field " + tag + ", unknown to this version of the library,");
    }
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
