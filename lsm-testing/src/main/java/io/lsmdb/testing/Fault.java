package io.lsmdb.testing;

import io.lsmdb.StorageException.Reason;

/** How an operation of a {@link FaultyFileSystem} fails. */
public enum Fault {
  /** The operation fails with an input/output error, without effect. */
  IO_ERROR_ONCE(Reason.IO, false),

  /** As {@link #IO_ERROR_ONCE}, and every matching operation after it as well. */
  IO_ERROR_FOREVER(Reason.IO, true),

  /** The operation fails for want of space, without effect. */
  DISK_FULL_ONCE(Reason.DISK_FULL, false),

  /** As {@link #DISK_FULL_ONCE}, and every matching operation after it as well. */
  DISK_FULL_FOREVER(Reason.DISK_FULL, true),

  /** A write puts half of its bytes and then fails; other operations fail without effect. */
  SHORT_WRITE(Reason.IO, false);

  final Reason reason;
  final boolean forever;

  Fault(Reason reason, boolean forever) {
    this.reason = reason;
    this.forever = forever;
  }
}
