package io.lsmdb.internal.engine.write;

import io.lsmdb.internal.base.BatchEncoder;
import io.lsmdb.internal.base.BatchReader;
import io.lsmdb.internal.memtable.MemTable;
import java.util.ArrayList;
import java.util.List;

/**
 * The memory that a group of writes needs in memtables, set aside before the group is logged.
 *
 * <p>Used by the commit leader. Memory for keys and values is reserved in the memtables themselves.
 * Beside that a spare array is kept, to be given up when the insertion finds no memory for a part
 * of an index, which nobody can know before. Setting memory aside is what may fail, and then
 * nothing has been logged.
 */
final class GroupMemory {
  /** Enough for each part of an index that one operation may make grow, in bytes. */
  private static final int USUAL_BYTES = 320 << 10;

  /** As many operations as the usual spare is enough for. */
  private static final int USUAL_OPERATIONS = 2048;

  /** What the indexes of a memtable take for an operation at most, in bytes. */
  private static final int BYTES_PER_OPERATION = 160;

  /** Groups with more bytes than this have to leave memory for their flush. */
  private static final int LARGE_BYTES = 1 << 20;

  /** A large group leaves this for its flush, and for other writes until then, in bytes. */
  private static final long FLUSH_BYTES =
      Math.max(4 << 20, Math.min(64 << 20, Runtime.getRuntime().maxMemory() / 32));

  private final MemTableInserter inserter;
  private final BatchReader reader = new BatchReader();

  /** Those in which memory is reserved. */
  private final List<MemTable> tables = new ArrayList<>();

  private byte[] spare;
  private byte[] more;

  /** Sets nothing aside yet. */
  GroupMemory(MemTableInserter inserter) {
    this.inserter = inserter;
  }

  /**
   * Sets memory aside for a group.
   *
   * @param group of writes that go to the families' present memtables
   * @throws OutOfMemoryError if there is not enough; to be followed by {@link #end} all the same
   */
  void reserve(CommitGroup group) {
    int operations = group.operations();
    long bytes = group.payloadBytes();
    if (!haveRoom(group)) {
      reserveEach(group);
    }
    if (spare == null) {
      spare = new byte[USUAL_BYTES];
    }
    if (operations > USUAL_OPERATIONS || bytes > LARGE_BYTES) {
      long flush = bytes > LARGE_BYTES ? FLUSH_BYTES : 0;
      more = new byte[(int) Math.min(1 << 30, flush + (long) operations * BYTES_PER_OPERATION)];
    }
  }

  /** Whether the memtables have room for all as they are. */
  private static boolean haveRoom(CommitGroup group) {
    for (int g = 0; g < group.size(); g++) {
      WriteRequest commit = group.get(g);
      for (int i = 0; i < commit.familyCount(); i++) {
        MemTable table = commit.family(i).readState().mutable().table();
        if (!table.hasRoom(group.operations(), group.payloadBytes())) {
          return false;
        }
      }
    }
    return true;
  }

  private void reserveEach(CommitGroup group) {
    for (int g = 0; g < group.size(); g++) {
      WriteRequest commit = group.get(g);
      for (int i = 0; i < commit.familyCount(); i++) {
        tables.add(commit.family(i).readState().mutable().table());
      }
      BatchEncoder batch = commit.batch();
      reader.reset(batch.bytes(), 0, batch.size());
      while (reader.hasNext()) {
        String problem = reader.next();
        if (problem != null) {
          throw new IllegalStateException(problem);
        }
        MemTable table = commit.familyById(reader.family()).readState().mutable().table();
        inserter.reserve(table, reader, batch.bytes());
      }
    }
  }

  /** Gives the spare up, so that an insertion may be tried again; false if it is gone already. */
  boolean giveUp() {
    boolean had = spare != null || more != null;
    spare = null;
    more = null;
    return had;
  }

  /** Releases all but the usual spare after a group. */
  void end() {
    more = null;
    if (!tables.isEmpty()) {
      tables.forEach(MemTable::endReservation);
      tables.clear();
      inserter.endReservation();
    }
  }
}
