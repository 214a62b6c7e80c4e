package io.lsmdb;

/** What a write survives once it has returned. */
public enum Durability {
  /**
   * A loss of power: the log is forced to the device before the write returns, with all logged
   * writes before this one. That also holds for a write that finds nothing to change, such as an
   * empty batch or a {@link Keyspace#putIfAbsent putIfAbsent} of a key that is present: what it has
   * seen is durable, unless it came from a {@link #NO_WAL} write.
   */
  SYNC,
  /** The death of the process; a loss of power may cost the last writes, never one in between. */
  BUFFERED,
  /**
   * Nothing until the next flush of its family: the log is not written. For state that is restored
   * from elsewhere.
   */
  NO_WAL
}
