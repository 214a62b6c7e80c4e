package io.lsmdb.testing;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Random;

/**
 * The content of a file, as it is now, and as it would be after a loss of power.
 *
 * <p>Guarded by the {@link MemFileSystem} that owns it.
 *
 * <ol>
 *   <li>{@code current} = {@code durable} with {@code pending} applied in order, and its length.
 *   <li>A force moves whole units of {@value #UNIT_BYTES} bytes from {@code pending} to {@code
 *       durable}, with all writes to them.
 *   <li>After a failed force the writes concerned count as clean: a later force passes over them,
 *       unless something new is written to the same unit (Rebello et al., "Can Applications Recover
 *       from fsync Failures?", USENIX ATC 2020).
 * </ol>
 */
final class MemFile extends MemNode {
  /** What a device writes or loses as a whole. Bytes. */
  static final int UNIT_BYTES = 512;

  /** Of a run of unforced zeros only the beginning turns to random bytes. Bytes. */
  private static final int MAX_GARBAGE_IN_ZEROS = 64 * 1024;

  /** An unforced write; immutable. */
  private static final class Write {
    /** Its position among all writes of the file system. */
    final long sequence;

    /** Offset in the file. */
    final long position;

    final int length;

    /** The bytes, from dataOffset on, or null for zeros. */
    final byte[] data;

    final int dataOffset;

    /** Whether a force has failed on it. */
    final boolean clean;

    Write(long sequence, long position, int length, byte[] data) {
      this(sequence, position, length, data, 0, false);
    }

    private Write(
        long sequence, long position, int length, byte[] data, int dataOffset, boolean clean) {
      this.sequence = sequence;
      this.position = position;
      this.length = length;
      this.data = data;
      this.dataOffset = dataOffset;
      this.clean = clean;
    }

    Write asClean() {
      return new Write(sequence, position, length, data, dataOffset, true);
    }

    long end() {
      return position + length;
    }

    Write slice(long from, long to) {
      int skip = (int) (from - position);
      return new Write(sequence, from, (int) (to - from), data, dataOffset + skip, clean);
    }

    void applyTo(SparseBytes target) {
      if (data == null) {
        target.fillZeros(position, length);
      } else {
        target.write(position, data, dataOffset, length);
      }
    }
  }

  private final SparseBytes current;
  private final SparseBytes durable;
  private List<Write> pending = new ArrayList<>();
  private boolean anyClean;

  /** How many names it has now. */
  int links;

  MemFile() {
    this(new SparseBytes(), new SparseBytes());
  }

  private MemFile(SparseBytes current, SparseBytes durable) {
    this.current = current;
    this.durable = durable;
  }

  long length() {
    return current.length();
  }

  int read(long position, byte[] to, int offset, int length) {
    return current.read(position, to, offset, length);
  }

  void write(long sequence, long position, byte[] bytes, int offset, int length) {
    if (length == 0) {
      return;
    }
    byte[] data =
        SparseBytes.isZero(bytes, offset, length)
            ? null
            : Arrays.copyOfRange(bytes, offset, offset + length);
    Write write = new Write(sequence, position, length, data);
    write.applyTo(current);
    pending.add(write);
  }

  /** Cuts the file if it is longer. */
  void shrink(long length) {
    if (length < current.length()) {
      List<Write> rest = new ArrayList<>();
      for (Write write : pending) {
        if (write.end() <= length) {
          rest.add(write);
        } else if (write.position < length) {
          rest.add(write.slice(write.position, length));
        }
      }
      pending = rest;
      current.setLength(length);
    }
  }

  /** Makes everything durable, the length included. */
  void force() {
    force(0, current.length());
    durable.setLength(current.length());
  }

  /** Makes a range durable, in whole units. */
  void force(long from, long to) {
    if (from >= to || pending.isEmpty()) {
      return;
    }
    long start = from / UNIT_BYTES * UNIT_BYTES;
    long end = (to + UNIT_BYTES - 1) / UNIT_BYTES * UNIT_BYTES;
    if (anyClean) {
      forceUnits(dirtyUnits(start, end));
    } else {
      forceAll(start, end);
    }
  }

  private void forceAll(long start, long end) {
    List<Write> rest = new ArrayList<>();
    for (Write write : pending) {
      long from = Math.max(start, write.position);
      long to = Math.min(end, write.end());
      if (from >= to) {
        rest.add(write);
        continue;
      }
      write.slice(from, to).applyTo(durable);
      if (write.position < from) {
        rest.add(write.slice(write.position, from));
      }
      if (to < write.end()) {
        rest.add(write.slice(to, write.end()));
      }
    }
    pending = rest;
  }

  private BitSet dirtyUnits(long start, long end) {
    BitSet units = new BitSet();
    for (Write write : pending) {
      long from = Math.max(start, write.position);
      long to = Math.min(end, write.end());
      if (!write.clean && from < to) {
        units.set(unit(from), unit(to - 1) + 1);
      }
    }
    return units;
  }

  private void forceUnits(BitSet units) {
    List<Write> rest = new ArrayList<>();
    for (Write write : pending) {
      forEachUnit(
          write,
          (unit, piece) -> {
            if (units.get(unit)) {
              piece.applyTo(durable);
            } else {
              rest.add(piece);
            }
          });
    }
    pending = rest;
  }

  /** A force of the range has failed: what it should have made durable counts as clean. */
  void forceFailed(long from, long to) {
    List<Write> marked = new ArrayList<>();
    for (Write write : pending) {
      boolean inside = write.position < to && from < write.end();
      marked.add(inside ? write.asClean() : write);
      anyClean |= inside;
    }
    pending = marked;
  }

  /** What is left of it after a crash. */
  MemFile crash(CrashMode mode, Random random, long lastSequence) {
    return switch (mode) {
      case KEEP_ALL -> {
        MemFile copy = new MemFile(current.copy(), durable.copy());
        copy.pending = new ArrayList<>(pending);
        copy.anyClean = anyClean;
        yield copy;
      }
      case DROP_ALL -> settled(durable.copy());
      case TORN_LAST -> settled(tornLast(random, lastSequence));
      case RANDOM_SUBSET, GARBAGE ->
          settled(
              pending.isEmpty() && durable.length() == current.length()
                  ? durable.copy()
                  : randomLoss(mode == CrashMode.GARBAGE, random));
    };
  }

  private static MemFile settled(SparseBytes content) {
    return new MemFile(content, content.copy());
  }

  private SparseBytes tornLast(Random random, long lastSequence) {
    Write last = pending.isEmpty() ? null : pending.get(pending.size() - 1);
    if (last == null || last.sequence != lastSequence) {
      return current.copy();
    }
    SparseBytes content = durable.copy();
    for (Write write : pending.subList(0, pending.size() - 1)) {
      write.applyTo(content);
    }
    int kept = random.nextInt(last.length);
    last.slice(last.position, last.position + kept).applyTo(content);
    return content;
  }

  private SparseBytes randomLoss(boolean garbage, Random random) {
    long length = randomLength(random);
    long fileSeed = random.nextLong();
    SparseBytes content = durable.copy();
    long writtenEnd = durable.length();
    for (int i = 0; i < pending.size(); i++) {
      Write write = pending.get(i);
      int index = i;
      boolean zerosOnNothing = write.data == null && write.position >= writtenEnd;
      writtenEnd = Math.max(writtenEnd, write.end());
      if (!zerosOnNothing) {
        forEachUnit(write, (unit, piece) -> lose(piece, index, content, fileSeed, unit, garbage));
      } else if (garbage) {
        long end = Math.min(write.end(), write.position + MAX_GARBAGE_IN_ZEROS);
        forEachUnit(
            write.slice(write.position, end),
            (unit, piece) -> lose(piece, index, content, fileSeed, unit, true));
      }
    }
    content.setLength(length);
    return content;
  }

  private long randomLength(Random random) {
    long from = durable.length();
    long to = current.length();
    return switch (random.nextInt(3)) {
      case 0 -> from;
      case 1 -> to;
      default -> from + (long) (random.nextDouble() * (to - from + 1));
    };
  }

  /** Applies a piece of the write with that index, changes it, or leaves it out. */
  private void lose(
      Write piece, int index, SparseBytes content, long fileSeed, int unit, boolean garbage) {
    // The same for all writes to the unit, so that it ends in one of the states it has been in.
    Random random = new Random(fileSeed ^ unit * 0x9e3779b97f4a7c15L);
    random.nextInt();
    int choice = random.nextInt(8);
    if (choice < 3) {
      piece.applyTo(content);
    } else if (garbage && choice < 5) {
      byte[] bytes = new byte[piece.length];
      random.nextBytes(bytes);
      content.write(piece.position, bytes, 0, bytes.length);
    } else if (garbage) {
      content.fillZeros(piece.position, piece.length);
    } else if (choice >= 6 && index < random.nextInt(pending.size() + 1)) {
      piece.applyTo(content);
    }
  }

  private interface UnitAction {
    void accept(int unit, Write piece);
  }

  private static void forEachUnit(Write write, UnitAction action) {
    long from = write.position;
    while (from < write.end()) {
      int unit = unit(from);
      long to = Math.min(write.end(), (unit + 1L) * UNIT_BYTES);
      action.accept(unit, write.slice(from, to));
      from = to;
    }
  }

  private static int unit(long position) {
    return Math.toIntExact(position / UNIT_BYTES);
  }
}
