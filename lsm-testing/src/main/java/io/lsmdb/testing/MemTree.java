package io.lsmdb.testing;

import io.lsmdb.StorageException;
import io.lsmdb.StorageException.Reason;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * The directories of a {@link MemFileSystem}, as they are now, and as after a loss of power.
 *
 * <p>Guarded by the file system that owns it.
 *
 * <ol>
 *   <li>For each directory: its current entries are its durable ones with the pending changes
 *       applied in order.
 *   <li>The effects of one change on one directory are made durable, or lost, together.
 *   <li>Directories are durable as soon as they are made.
 * </ol>
 */
final class MemTree {
  /** An entry that gets a node, or none any more where the node is null. */
  record Effect(MemNode.Directory directory, String name, MemNode node) {}

  /** Where a path leads: a directory that exists, the last element, what it names or null. */
  record Place(MemNode.Directory parent, String name, MemNode node) {}

  private final MemNode.Directory root;
  private final List<List<Effect>> pending;

  MemTree() {
    this(new MemNode.Directory(), new ArrayList<>());
  }

  private MemTree(MemNode.Directory root, List<List<Effect>> pending) {
    this.root = root;
    this.pending = pending;
  }

  /** Finds a path whose parent must be a directory. */
  Place place(String operation, Path path) {
    Path normal = path.toAbsolutePath().normalize();
    int count = normal.getNameCount();
    if (count == 0) {
      return new Place(root, "", root);
    }
    MemNode.Directory parent = root;
    for (int i = 0; i < count - 1; i++) {
      MemNode next = parent.current.get(normal.getName(i).toString());
      if (next == null) {
        throw failure(operation, path, Reason.NOT_FOUND);
      }
      if (!(next instanceof MemNode.Directory directory)) {
        throw failure(operation, path, Reason.WRONG_FILE_TYPE);
      }
      parent = directory;
    }
    String name = normal.getName(count - 1).toString();
    return new Place(parent, name, parent.current.get(name));
  }

  MemFile file(String operation, Path path) {
    MemNode node = place(operation, path).node();
    if (node == null) {
      throw failure(operation, path, Reason.NOT_FOUND);
    }
    if (!(node instanceof MemFile file)) {
      throw failure(operation, path, Reason.WRONG_FILE_TYPE);
    }
    return file;
  }

  MemNode.Directory directory(String operation, Path path) {
    MemNode node = place(operation, path).node();
    if (node == null) {
      throw failure(operation, path, Reason.NOT_FOUND);
    }
    if (!(node instanceof MemNode.Directory directory)) {
      throw failure(operation, path, Reason.WRONG_FILE_TYPE);
    }
    return directory;
  }

  void createDirectories(Path path) {
    MemNode.Directory directory = root;
    for (Path element : path.toAbsolutePath().normalize()) {
      String name = element.toString();
      MemNode next = directory.current.get(name);
      if (next == null) {
        next = new MemNode.Directory();
        directory.current.put(name, next);
        directory.durable.put(name, next);
      } else if (!(next instanceof MemNode.Directory)) {
        throw failure("create directory", path, Reason.WRONG_FILE_TYPE);
      }
      directory = (MemNode.Directory) next;
    }
  }

  /** Makes a change that is lost as a whole or not at all, as far as one directory is concerned. */
  void change(Effect... effects) {
    for (Effect effect : effects) {
      if (effect.directory().current.get(effect.name()) instanceof MemFile file) {
        file.links--;
      }
      if (effect.node() instanceof MemFile file) {
        file.links++;
      }
      apply(effect, effect.directory().current);
    }
    pending.add(List.of(effects));
  }

  void force(MemNode.Directory directory) {
    List<List<Effect>> rest = new ArrayList<>();
    for (List<Effect> change : pending) {
      List<Effect> elsewhere = new ArrayList<>();
      for (Effect effect : change) {
        if (effect.directory() == directory) {
          apply(effect, directory.durable);
        } else {
          elsewhere.add(effect);
        }
      }
      if (!elsewhere.isEmpty()) {
        rest.add(elsewhere);
      }
    }
    pending.clear();
    pending.addAll(rest);
  }

  private static void apply(Effect effect, Map<String, MemNode> entries) {
    if (effect.node() == null) {
      entries.remove(effect.name());
    } else {
      entries.put(effect.name(), effect.node());
    }
  }

  /** What is left of it after a crash. */
  MemTree crash(CrashMode mode, Random random, long lastSequence) {
    return new Crash(mode, random, lastSequence).run();
  }

  /** The bytes of all files that have a name. */
  long usedBytes() {
    IdentityHashMap<MemFile, Boolean> seen = new IdentityHashMap<>();
    long used = 0;
    List<MemNode.Directory> open = new ArrayList<>(List.of(root));
    while (!open.isEmpty()) {
      for (MemNode node : open.remove(open.size() - 1).current.values()) {
        if (node instanceof MemNode.Directory directory) {
          open.add(directory);
        } else if (node instanceof MemFile file && seen.put(file, true) == null) {
          used += file.length();
        }
      }
    }
    return used;
  }

  static StorageException failure(String operation, Path path, Reason reason) {
    return new StorageException(operation, path.toString(), reason, null);
  }

  /** The making of one image. */
  private final class Crash {
    private final CrashMode mode;
    private final Random random;
    private final long lastSequence;
    private final IdentityHashMap<MemNode, MemNode> copies = new IdentityHashMap<>();

    Crash(CrashMode mode, Random random, long lastSequence) {
      this.mode = mode;
      this.random = random;
      this.lastSequence = lastSequence;
    }

    MemTree run() {
      MemNode.Directory newRoot = (MemNode.Directory) copy(root);
      List<List<Effect>> newPending = new ArrayList<>();
      for (List<Effect> change : pending) {
        if (mode == CrashMode.DROP_ALL || (isRandom() && random.nextBoolean())) {
          continue;
        }
        List<Effect> copied = new ArrayList<>();
        for (Effect effect : change) {
          Effect copy =
              new Effect(
                  (MemNode.Directory) copy(effect.directory()), effect.name(), copy(effect.node()));
          apply(copy, copy.directory().current);
          copied.add(copy);
        }
        newPending.add(copied);
      }
      if (mode != CrashMode.KEEP_ALL) {
        newPending.clear();
        for (MemNode node : copies.values()) {
          if (node instanceof MemNode.Directory directory) {
            directory.durable.clear();
            directory.durable.putAll(directory.current);
          }
        }
      }
      countLinks();
      return new MemTree(newRoot, newPending);
    }

    private boolean isRandom() {
      return mode == CrashMode.RANDOM_SUBSET || mode == CrashMode.GARBAGE;
    }

    /** Copies a node with its durable entries, for directories. */
    private MemNode copy(MemNode node) {
      if (node == null) {
        return null;
      }
      MemNode known = copies.get(node);
      if (known != null) {
        return known;
      }
      if (node instanceof MemFile file) {
        MemFile copy = file.crash(mode, random, lastSequence);
        copies.put(node, copy);
        return copy;
      }
      MemNode.Directory copy = new MemNode.Directory();
      copies.put(node, copy);
      TreeMap<String, MemNode> durable = ((MemNode.Directory) node).durable;
      durable.forEach((name, child) -> copy.durable.put(name, copy(child)));
      copy.current.putAll(copy.durable);
      return copy;
    }

    private void countLinks() {
      for (MemNode node : copies.values()) {
        if (node instanceof MemNode.Directory directory) {
          for (MemNode child : directory.current.values()) {
            if (child instanceof MemFile file) {
              file.links++;
            }
          }
        }
      }
    }
  }
}
