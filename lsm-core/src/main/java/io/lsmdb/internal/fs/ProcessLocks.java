package io.lsmdb.internal.fs;

import io.lsmdb.DbLockedException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;

/**
 * The locks held by this process, known to all its class loaders.
 *
 * <p>Thread-safe. A file lock of the operating system belongs to the process, and closing any
 * descriptor of the file gives it up; so a second opener inside the process must be turned away
 * before it opens the file. The record of what is held lives in the system properties, which every
 * class loader shares, as plain text, which nothing that walks over the properties can trip over.
 *
 * <ol>
 *   <li>A name maps to {@code "<pid> <thread>"}. An entry with another process's id was copied from
 *       a parent process's properties and means nothing.
 *   <li>A lock has one entry for each name of its file: the real path, and the platform's key of
 *       the directory, which is the same under every mount of it.
 * </ol>
 */
final class ProcessLocks {
  private static final String PREFIX = "io.lsmdb.lock.";

  private ProcessLocks() {}

  /**
   * Registers a lock, all names or none.
   *
   * @param file the lock file, for the message
   * @param names its names
   * @return what {@link #release} needs
   */
  static List<String> acquire(Path file, List<String> names) {
    String holder = ownPid() + " " + Thread.currentThread().getName();
    List<String> taken = new ArrayList<>();
    for (String name : names) {
      String other = putIfFree(PREFIX + name, holder);
      if (other != null) {
        release(taken);
        throw new DbLockedException(
            "the lock "
                + file
                + " is held by this process, taken in thread '"
                + other.substring(other.indexOf(' ') + 1)
                + "'; close the other instance first, or open another directory");
      }
      taken.add(name);
    }
    return taken;
  }

  static void release(List<String> names) {
    for (String name : names) {
      System.getProperties().remove(PREFIX + name);
    }
  }

  static boolean isHeld(List<String> names) {
    for (String name : names) {
      Object holder = System.getProperties().get(PREFIX + name);
      if (holder != null && isOwn(holder)) {
        return true;
      }
    }
    return false;
  }

  /** Returns null when the name was free, else the holder. */
  private static String putIfFree(String key, String holder) {
    Properties properties = System.getProperties();
    while (true) {
      Object other = properties.putIfAbsent(key, holder);
      if (other == null) {
        return null;
      }
      if (isOwn(other)) {
        return other.toString();
      }
      if (properties.replace(key, other, holder)) {
        return null;
      }
    }
  }

  private static boolean isOwn(Object holder) {
    return holder.toString().startsWith(ownPid() + " ");
  }

  private static long ownPid() {
    return ProcessHandle.current().pid();
  }
}
