package io.lsmdb.power;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The events of a {@link RecordedDisk} in their order.
 *
 * <p>Used by one thread. Keeps the file open for the bytes of writes; closed by its owner.
 */
final class Recording implements AutoCloseable {
  private static final int HEADER = 13;

  /** What a device got: bytes to write, a flush, or a number that is not for the device. */
  enum EventType {
    WRITE,
    FLUSH,
    MARK
  }

  /**
   * One event.
   *
   * @param type what it is
   * @param offset of a write, on the device
   * @param length of a write, in bytes
   * @param position of the bytes in the file
   * @param mark the number of a mark
   */
  record Event(EventType type, int offset, int length, long position, int mark) {}

  private final RandomAccessFile file;
  private final List<Event> events;

  Recording(Path path) throws IOException {
    events = read(path);
    file = new RandomAccessFile(path.toFile(), "r");
  }

  private static List<Event> read(Path path) throws IOException {
    List<Event> events = new ArrayList<>();
    long position = 0;
    long size = Files.size(path);
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(path)))) {
      while (position < size) {
        ByteBuffer header = ByteBuffer.wrap(in.readNBytes(HEADER)).order(ByteOrder.LITTLE_ENDIAN);
        char type = (char) header.get();
        int offset = Math.toIntExact(header.getLong());
        int length = header.getInt();
        position += HEADER + length;
        int mark = type == 'M' ? in.readInt() : 0;
        in.skipNBytes(type == 'M' ? length - Integer.BYTES : length);
        events.add(new Event(type(type), offset, length, position - length, mark));
      }
    } catch (EOFException e) {
      throw new IOException("the recording has been cut at " + position, e);
    }
    return events;
  }

  private static EventType type(char letter) throws IOException {
    return switch (letter) {
      case 'W' -> EventType.WRITE;
      case 'F' -> EventType.FLUSH;
      case 'M' -> EventType.MARK;
      default -> throw new IOException("no event of type " + (int) letter);
    };
  }

  List<Event> events() {
    return events;
  }

  /** Copies a part of what a write has written to its place in an image of the device. */
  void copy(Event write, int from, int length, byte[] image) {
    try {
      file.seek(write.position() + from);
      file.readFully(image, write.offset() + from, length);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The number of events of a type. */
  long count(EventType type) {
    return events.stream().filter(event -> event.type() == type).count();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
