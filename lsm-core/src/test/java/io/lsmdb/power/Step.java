package io.lsmdb.power;

import java.util.List;

/**
 * What a writer does at once: changes of its own keys, or work on the whole store. Immutable.
 *
 * @param kind what it is
 * @param changes one for a single call, several for a batch; none for work on the whole store
 */
record Step(Kind kind, List<Change> changes) {
  /** What a step does besides its changes. */
  enum Kind {
    /** Nothing. */
    BUFFERED,
    /** Makes the changes, and all before them, durable. */
    SYNC,
    /** Keeps the change out of the log, so that the next flush makes it durable. */
    UNLOGGED,
    /** Puts all memtables into tables. */
    FLUSH,
    /** Compacts a family. */
    COMPACT
  }

  /**
   * One change.
   *
   * @param type what is done
   * @param family name of the family
   * @param key the key, or where a range starts
   * @param value the value, the operand, or where the range ends; null where there is none
   */
  record Change(ChangeType type, String family, byte[] key, byte[] value) {}

  /** What is done to a key. The first ones may be part of a batch. */
  enum ChangeType {
    PUT,
    DELETE,
    MERGE,
    DELETE_RANGE,
    PUT_IF_ABSENT,
    REVERSE;

    static final int IN_BATCHES = 4;
  }

  /** Whether all that the writer has logged so far is durable when this returns. */
  boolean makesDurable() {
    return kind == Kind.SYNC || kind == Kind.FLUSH;
  }
}
