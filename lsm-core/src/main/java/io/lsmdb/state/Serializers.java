package io.lsmdb.state;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;

/** Ready-made serializers; their bytes order as the objects do. Stateless. */
public final class Serializers {
  /** Eight bytes, big-endian, with the sign bit flipped. */
  public static final Serializer<Long> LONG = new Longs();

  /** Four bytes, big-endian, with the sign bit flipped. */
  public static final Serializer<Integer> INT = new Ints();

  /**
   * UTF-8, which orders by code point. Text with half of a surrogate pair is refused by {@link
   * IllegalArgumentException}, since it has no bytes of its own.
   */
  public static final Serializer<String> STRING = new Strings();

  /** The bytes as they are, copied; they order as unsigned ones. */
  public static final Serializer<byte[]> BYTES = new Arrays();

  private Serializers() {}

  private static void checkLength(ByteBuffer bytes, int length) {
    if (bytes.remaining() != length) {
      throw new IllegalArgumentException(
          "a number has " + length + " bytes, but this has " + bytes.remaining());
    }
  }

  private static final class Longs implements Serializer<Long> {
    @Override
    public byte[] toBytes(Long object) {
      return ByteBuffer.allocate(Long.BYTES).putLong(object ^ Long.MIN_VALUE).array();
    }

    @Override
    public Long fromBytes(ByteBuffer bytes) {
      checkLength(bytes, Long.BYTES);
      return bytes.getLong() ^ Long.MIN_VALUE;
    }

    @Override
    public int fixedLength() {
      return Long.BYTES;
    }
  }

  private static final class Ints implements Serializer<Integer> {
    @Override
    public byte[] toBytes(Integer object) {
      return ByteBuffer.allocate(Integer.BYTES).putInt(object ^ Integer.MIN_VALUE).array();
    }

    @Override
    public Integer fromBytes(ByteBuffer bytes) {
      checkLength(bytes, Integer.BYTES);
      return bytes.getInt() ^ Integer.MIN_VALUE;
    }

    @Override
    public int fixedLength() {
      return Integer.BYTES;
    }
  }

  private static final class Strings implements Serializer<String> {
    @Override
    public byte[] toBytes(String object) {
      try {
        ByteBuffer encoded = UTF_8.newEncoder().encode(CharBuffer.wrap(object));
        byte[] bytes = new byte[encoded.remaining()];
        encoded.get(bytes);
        return bytes;
      } catch (CharacterCodingException e) {
        throw new IllegalArgumentException("the text has half of a surrogate pair", e);
      }
    }

    @Override
    public String fromBytes(ByteBuffer bytes) {
      return UTF_8.decode(bytes).toString();
    }
  }

  private static final class Arrays implements Serializer<byte[]> {
    @Override
    public byte[] toBytes(byte[] object) {
      return object.clone();
    }

    @Override
    public byte[] fromBytes(ByteBuffer bytes) {
      byte[] object = new byte[bytes.remaining()];
      bytes.get(object);
      return object;
    }
  }
}
