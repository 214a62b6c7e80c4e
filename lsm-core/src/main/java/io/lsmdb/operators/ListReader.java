package io.lsmdb.operators;

import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.NoSuchElementException;

/**
 * The elements of a list that {@link ListAppend} or {@link ExpiringListAppend} made, found as they
 * are asked for.
 *
 * <p>A view: it keeps the array or buffer that it was made of, and copies nothing. Reading is
 * thread-safe as long as nobody writes there. Iterators throw {@link IllegalArgumentException}
 * where the bytes are no list.
 */
public final class ListReader implements Iterable<ByteBuffer> {
  /** Bytes that the expiry of an element takes, where elements have one. */
  static final int EXPIRY_BYTES = Long.BYTES;

  private static final int MAX_LENGTH_BYTES = 5;

  private final ByteBuffer list;
  private final int header; // bytes of each element that are not shown

  private ListReader(ByteBuffer list, int header) {
    this.list = list;
    this.header = header;
  }

  /**
   * Reads a value of {@link ListAppend}.
   *
   * @param value what {@code get} returned
   * @return its elements
   */
  public static ListReader of(byte[] value) {
    return of(ByteBuffer.wrap(value));
  }

  /**
   * Reads a value of {@link ListAppend} in place; not to be used once the buffer is not valid any
   * more.
   *
   * @param value from its position to its limit, which do not move
   * @return its elements
   */
  public static ListReader of(ByteBuffer value) {
    return of(value, 0);
  }

  /**
   * Reads a value of {@link ExpiringListAppend}.
   *
   * @param value what {@code get} returned
   * @return its elements, without their expiries
   */
  public static ListReader ofExpiring(byte[] value) {
    return ofExpiring(ByteBuffer.wrap(value));
  }

  /**
   * Reads a value of {@link ExpiringListAppend} in place; not to be used once the buffer is not
   * valid any more.
   *
   * @param value from its position to its limit, which do not move
   * @return its elements, without their expiries
   */
  public static ListReader ofExpiring(ByteBuffer value) {
    return of(value, EXPIRY_BYTES);
  }

  private static ListReader of(ByteBuffer value, int header) {
    return new ListReader(value.slice().asReadOnlyBuffer(), header);
  }

  /**
   * Counts the elements by passing over all of them.
   *
   * @return how many there are
   * @throws IllegalArgumentException if the bytes are no list
   */
  public int count() {
    int count = 0;
    Iterator<ByteBuffer> elements = iterator();
    while (elements.hasNext()) {
      elements.next();
      count++;
    }
    return count;
  }

  /**
   * From the oldest element to the newest.
   *
   * @return gives each element as a read-only buffer from its position 0 to its limit
   */
  @Override
  public Iterator<ByteBuffer> iterator() {
    return new Elements(list, header, 1);
  }

  /**
   * From the newest element to the oldest, without looking at those that are not asked for.
   *
   * @return gives each element as a read-only buffer from its position 0 to its limit
   */
  public Iterable<ByteBuffer> newestFirst() {
    return () -> new Elements(list, header, -1);
  }

  /** A walk over the list in one direction. */
  private static final class Elements implements Iterator<ByteBuffer> {
    private final ByteBuffer list;
    private final int header;
    private final int step;
    private int left; // bytes not passed yet

    Elements(ByteBuffer list, int header, int step) {
      this.list = list;
      this.header = header;
      this.step = step;
      this.left = list.limit();
    }

    @Override
    public boolean hasNext() {
      return left > 0;
    }

    @Override
    public ByteBuffer next() {
      if (left == 0) {
        throw new NoSuchElementException();
      }
      int first = step > 0 ? list.limit() - left : left - 1;
      long length = 0;
      int bytes = 0;
      byte b;
      do {
        if (bytes == MAX_LENGTH_BYTES || bytes == left) {
          throw malformed(first);
        }
        b = list.get(first + step * bytes);
        length |= (long) (b & 0x7F) << 7 * bytes++;
      } while (b < 0);
      if (length < header || length > left - 2L * bytes) {
        throw malformed(first);
      }
      for (int i = 0; i < bytes; i++) {
        int mirrored = first + step * ((int) length + 2 * bytes - 1 - i);
        if (list.get(first + step * i) != list.get(mirrored)) {
          throw malformed(first);
        }
      }
      left -= (int) length + 2 * bytes;
      int start = step > 0 ? first + bytes : first - bytes - (int) length + 1;
      return list.slice(start + header, (int) length - header);
    }

    private static IllegalArgumentException malformed(int at) {
      return new IllegalArgumentException("no list element at byte " + at);
    }
  }
}
