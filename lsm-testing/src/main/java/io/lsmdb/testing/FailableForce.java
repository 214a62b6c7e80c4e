package io.lsmdb.testing;

/** A file handle that can be told that a force of it has failed. */
interface FailableForce {
  /** Marks what the force of that range should have made durable as clean, yet not durable. */
  void forceFailed(long from, long to);
}
