package io.lsmdb.internal.version;

import io.lsmdb.CorruptionException;
import io.lsmdb.internal.fs.FileNames;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * The files in the directory of a store before this opening has written any.
 *
 * <p>Not thread-safe; used while the store is opened.
 */
final class DirectoryListing {
  private final VersionEnv env;
  private final List<String> names;
  private final List<FileNames.Parsed> ours = new ArrayList<>();

  private DirectoryListing(VersionEnv env, List<String> names) {
    this.env = env;
    this.names = names;
    for (String name : names) {
      FileNames.parse(name).ifPresent(ours::add);
    }
  }

  static DirectoryListing list(VersionEnv env) {
    return new DirectoryListing(env, env.fs().list(env.directory()));
  }

  /**
   * Checks that no store is here, not even one without CURRENT.
   *
   * @throws CorruptionException if there are tables or logs although CURRENT is missing
   */
  void checkNoStore() {
    for (FileNames.Parsed file : ours) {
      switch (file.type()) {
        case CURRENT -> throw new IllegalStateException("there is a store already");
        case TABLE, LOG ->
            throw new CorruptionException(
                env.directory().resolve(FileNames.CURRENT).toString(),
                -1,
                "the store has data (" + file.name() + ") and no pointer to its manifest");
        default -> {}
      }
    }
  }

  /**
   * Checks that tables are here in their sizes.
   *
   * @param tables what the manifest names
   */
  void checkTables(Collection<FileMetadata> tables) {
    Set<String> present = new HashSet<>(names);
    for (FileMetadata file : tables) {
      String name = FileNames.table(file.number(), file.session());
      Path path = env.directory().resolve(name);
      if (!present.contains(name)) {
        throw new CorruptionException(
            path.toString(), -1, "table named by the manifest is missing");
      }
      long size = env.fs().size(path);
      if (size != file.size()) {
        throw new CorruptionException(
            path.toString(), size, "table of " + size + " bytes instead of " + file.size());
      }
    }
  }

  /** A random id that no table here was written under. */
  long newSession() {
    Set<Long> used = new HashSet<>();
    ours.forEach(file -> used.add(file.session()));
    LongSupplier random = env.random();
    long session;
    do {
      session = random.getAsLong();
    } while (session == 0 || used.contains(session));
    return session;
  }

  /** Behind every number in the directory, left over or not, so that no name is used twice. */
  long firstFreeNumber() {
    long max = 0;
    for (FileNames.Parsed file : ours) {
      if (file.number() < FileNumbers.MAX) {
        max = Math.max(max, file.number());
      }
    }
    return max + 1;
  }

  /**
   * Files of no use. They stood here before this opening wrote anything, hence are nobody's work in
   * progress.
   *
   * @param live the tables in use
   * @param manifest number of the manifest in use
   * @return their names
   */
  List<String> leftovers(TableReferences live, long manifest) {
    return ours.stream()
        .filter(
            file ->
                switch (file.type()) {
                  case TABLE -> !live.contains(file.number(), file.session());
                  case MANIFEST -> file.number() != manifest;
                  case TEMPORARY -> true;
                  default -> false;
                })
        .map(FileNames.Parsed::name)
        .toList();
  }
}
