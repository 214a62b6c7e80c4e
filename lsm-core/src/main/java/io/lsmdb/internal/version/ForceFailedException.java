package io.lsmdb.internal.version;

import io.lsmdb.StorageException;

/**
 * Forcing a file or the directory failed: what was written before is in doubt, and forcing again
 * proves nothing, since the operating system may have dropped the pages and forgotten the failure.
 */
public final class ForceFailedException extends StorageException {
  private static final long serialVersionUID = 1L;

  /**
   * Wraps the failure of a force.
   *
   * @param failure what the file system reported
   */
  ForceFailedException(StorageException failure) {
    super("make durable", failure.file(), failure.reason(), failure);
  }

  /** Runs a force and marks its failure as one. */
  static void forcing(Runnable force) {
    try {
      force.run();
    } catch (StorageException e) {
      throw new ForceFailedException(e);
    }
  }
}
