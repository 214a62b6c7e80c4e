package io.lsmdb.testing;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/** What a {@link FaultyFileSystem} can count and let fail. */
public enum Operation {
  /** Creating directories. */
  CREATE_DIRECTORIES,
  /** Creating a file. */
  CREATE,
  /** Appending to a file. */
  APPEND,
  /** Forcing a file. */
  FORCE,
  /** Copying into a mapping. */
  PUT,
  /** Writing through a mapped file, durably. */
  WRITE_DURABLY,
  /** Forcing a mapping. */
  FORCE_MAPPED,
  /** Lengthening a mapped file by zeros. */
  EXTEND,
  /** Cutting a mapped file. */
  SHRINK,
  /** Renaming. */
  RENAME,
  /** Deleting. */
  DELETE,
  /** Making a hard link. */
  LINK,
  /** Forcing a directory. */
  FORCE_DIRECTORY,
  /** Taking a lock, which may create its file. */
  LOCK,
  /** Opening a file for reading. */
  OPEN,
  /** Reading from an open file. */
  READ,
  /** Mapping a file. */
  MAP,
  /** Asking for the size of a file. */
  SIZE,
  /** Listing a directory. */
  LIST;

  /** The operations that change the disk. */
  public static final Set<Operation> MUTATING =
      Collections.unmodifiableSet(EnumSet.range(CREATE_DIRECTORIES, LOCK));

  /** The operations after which something that was written before is durable. */
  public static final Set<Operation> SYNCS =
      Collections.unmodifiableSet(EnumSet.of(FORCE, WRITE_DURABLY, FORCE_MAPPED, FORCE_DIRECTORY));

  /** The operations that only read. */
  public static final Set<Operation> READING =
      Collections.unmodifiableSet(EnumSet.range(OPEN, LIST));

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
