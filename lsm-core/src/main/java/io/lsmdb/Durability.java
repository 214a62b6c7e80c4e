package io.lsmdb;

/** What a write survives once it has returned. */
public enum Durability {
  /** A loss of power: the log is forced to the device before the write returns. */
  SYNC,
  /** The death of the process; a loss of power may cost the last writes, never one in between. */
  BUFFERED,
  /**
   * Nothing until the next flush of its family: the log is not written. For state that is restored
   * from elsewhere.
   */
  NO_WAL
}
