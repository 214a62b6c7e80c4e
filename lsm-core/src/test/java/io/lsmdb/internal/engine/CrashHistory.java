package io.lsmdb.internal.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import io.lsmdb.ColumnFamily;
import io.lsmdb.Db;
import io.lsmdb.DbIterator;
import io.lsmdb.testing.TestOperators;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a store may hold after a crash: every state that the order of writes went through, with the
 * limits that acknowledgements set.
 *
 * <p>Thread-safe. Keys of writes with and without log are apart: the first begin with 'k', the
 * others with 'u'. A family that is dropped and created again counts as another one.
 */
final class CrashHistory {
  /** A change of one key; null deletes, and an operand is merged with what is there. */
  record Change(String family, String key, String value, boolean isMerge) {
    Change(String family, String key, String value) {
      this(family, key, value, false);
    }

    private String appliedTo(String old) {
      if (!isMerge) {
        return value;
      }
      byte[] base = old == null ? null : CrashScript.bytes(old);
      byte[] merged = TestOperators.apply(CrashScript.OPERATOR, base, CrashScript.bytes(value));
      return new String(merged, StandardCharsets.UTF_8);
    }
  }

  /** The limits at one moment. */
  record Limits(int schema, int synced, int acknowledged, Map<Integer, Integer> unlogged) {}

  /** Content by family, then by key. */
  private record State(Map<Integer, Map<String, String>> families) {
    State with(List<Change> changes, Map<String, Integer> schema) {
      Map<Integer, Map<String, String>> next = new HashMap<>(families);
      for (Change change : changes) {
        int id = schema.get(change.family());
        Map<String, String> content = new TreeMap<>(next.getOrDefault(id, Map.of()));
        String value = change.appliedTo(content.get(change.key()));
        if (value == null) {
          content.remove(change.key());
        } else {
          content.put(change.key(), value);
        }
        next.put(id, content);
      }
      return new State(next);
    }

    Map<String, String> of(int family) {
      return families.getOrDefault(family, Map.of());
    }
  }

  /** What was found in a store: family names, and content by name. */
  record Found(Map<String, Map<String, String>> content) {}

  private final boolean atomicFlush;
  private final List<Map<String, Integer>> schemas = new ArrayList<>();
  private final List<State> logged = new ArrayList<>();
  private final List<State> unlogged = new ArrayList<>();
  private final Map<Integer, Integer> unloggedFloors = new HashMap<>();
  private int nextFamily;
  private int schema;
  private int synced;
  private int acknowledged;

  CrashHistory(boolean atomicFlush) {
    this.atomicFlush = atomicFlush;
    schemas.add(Map.of("default", nextFamily++));
    logged.add(new State(Map.of()));
    unlogged.add(new State(Map.of()));
  }

  /** The last write was refused, and left nothing. */
  synchronized void abandonLogged() {
    logged.remove(logged.size() - 1);
  }

  synchronized void abandonUnlogged() {
    unlogged.remove(unlogged.size() - 1);
  }

  /** The last change of families failed: the open store is as before; a later one may differ. */
  synchronized void schemaChangeFailed() {
    schemas.add(schemas.get(schema));
  }

  /** What the open store must show: everything acknowledged, nothing else. */
  synchronized Found visible() {
    Map<String, Map<String, String>> content = new TreeMap<>();
    currentSchema()
        .forEach(
            (name, id) -> {
              Map<String, String> entries = new TreeMap<>(logged.get(acknowledged).of(id));
              entries.putAll(unlogged.get(unlogged.size() - 1).of(id));
              content.put(name, entries);
            });
    return new Found(content);
  }

  synchronized List<String> families() {
    return List.copyOf(new TreeMap<>(currentSchema()).keySet());
  }

  private Map<String, Integer> currentSchema() {
    return schemas.get(schemas.size() - 1);
  }

  /** A logged write is about to be issued. */
  synchronized void beginLogged(List<Change> changes) {
    logged.add(logged.get(logged.size() - 1).with(changes, currentSchema()));
  }

  synchronized void endLogged(boolean sync) {
    acknowledged = logged.size() - 1;
    if (sync) {
      synced = acknowledged;
    }
  }

  /** A write without log is about to be issued. */
  synchronized void beginUnlogged(List<Change> changes) {
    unlogged.add(unlogged.get(unlogged.size() - 1).with(changes, currentSchema()));
  }

  /** Some families have been flushed. */
  synchronized void flushed(List<String> names) {
    for (String name : atomicFlush ? families() : names) {
      unloggedFloors.put(currentSchema().get(name), unlogged.size() - 1);
    }
  }

  /** The store was closed, or opened, in good order. */
  synchronized void allDurable() {
    synced = logged.size() - 1;
    acknowledged = synced;
    flushed(families());
  }

  synchronized void beginCreate(String name) {
    Map<String, Integer> next = new HashMap<>(currentSchema());
    next.put(name, nextFamily++);
    schemas.add(next);
  }

  synchronized void beginDrop(String name) {
    Map<String, Integer> next = new HashMap<>(currentSchema());
    next.remove(name);
    schemas.add(next);
  }

  synchronized void endSchemaChange() {
    schema = schemas.size() - 1;
  }

  /** What a crash from now on must at least keep. */
  synchronized Limits limits() {
    return new Limits(schema, synced, acknowledged, Map.copyOf(unloggedFloors));
  }

  /** Reads all of a store, and lets cursors and point reads agree. */
  static Found read(Db db) {
    Map<String, Map<String, String>> content = new TreeMap<>();
    for (ColumnFamily family : db.columnFamilies()) {
      Map<String, String> entries = new TreeMap<>();
      try (DbIterator it = db.iterate(family)) {
        for (it.seekToFirst(); it.isValid(); it.next()) {
          String key = new String(it.key(), StandardCharsets.UTF_8);
          String value = new String(it.value(), StandardCharsets.UTF_8);
          assertEquals(null, entries.put(key, value), "a cursor shows a key twice");
        }
      }
      for (String prefix : List.of("k", "u")) {
        for (int i = 0; i < CrashScript.KEYS; i++) {
          String key = prefix + i;
          byte[] value = db.get(family, key.getBytes(StandardCharsets.UTF_8));
          assertEquals(
              entries.get(key),
              value == null ? null : new String(value, StandardCharsets.UTF_8),
              "point read of " + key);
        }
      }
      content.put(family.name(), entries);
    }
    return new Found(content);
  }

  /**
   * Fails unless a store may be like this after a crash.
   *
   * @param found its content
   * @param before the limits just before the crash
   * @param processDeath whether everything acknowledged must be there
   */
  synchronized void check(Found found, Limits before, boolean processDeath) {
    Map<String, Integer> families = schemaOf(found, before);
    int least = processDeath ? before.acknowledged() : before.synced();
    int prefix = -1;
    for (int i = logged.size() - 1; i >= least && prefix < 0; i--) {
      prefix = equal(found, families, "k", logged.get(i)) ? i : -1;
    }
    if (prefix < 0) {
      fail(explain(found, families, least));
    }
    checkUnlogged(found, families, before);
  }

  private void checkUnlogged(Found found, Map<String, Integer> families, Limits before) {
    if (atomicFlush) {
      int least = before.unlogged().values().stream().mapToInt(i -> i).max().orElse(0);
      checkSomeUnlogged(found, families, least);
      return;
    }
    families.forEach(
        (name, id) ->
            checkSomeUnlogged(found, Map.of(name, id), before.unlogged().getOrDefault(id, 0)));
  }

  private void checkSomeUnlogged(Found found, Map<String, Integer> families, int least) {
    for (int i = unlogged.size() - 1; i >= least; i--) {
      if (equal(found, families, "u", unlogged.get(i))) {
        return;
      }
    }
    fail(
        "of the writes without log, families "
            + families.keySet()
            + " hold no state from "
            + least
            + " to "
            + (unlogged.size() - 1)
            + ": "
            + shorten(found));
  }

  private Map<String, Integer> schemaOf(Found found, Limits before) {
    for (int i = before.schema(); i < schemas.size(); i++) {
      if (schemas.get(i).keySet().equals(found.content().keySet())) {
        return schemas.get(i);
      }
    }
    return fail(
        "families "
            + found.content().keySet()
            + " instead of "
            + schemas.subList(before.schema(), schemas.size()));
  }

  private static boolean equal(
      Found found, Map<String, Integer> families, String prefix, State state) {
    for (Map.Entry<String, Integer> family : families.entrySet()) {
      if (!part(found, family.getKey(), prefix).equals(state.of(family.getValue()))) {
        return false;
      }
    }
    return true;
  }

  private static Map<String, String> part(Found found, String family, String prefix) {
    return ((TreeMap<String, String>) found.content().get(family))
        .subMap(prefix, true, prefix + Character.MAX_VALUE, true);
  }

  private String explain(Found found, Map<String, Integer> families, int least) {
    StringBuilder text = new StringBuilder();
    text.append("no prefix of ").append(least).append(" to ").append(logged.size() - 1);
    for (int i = 0; i < least; i++) {
      if (equal(found, families, "k", logged.get(i))) {
        text.append("; it is the prefix of ").append(i).append(", too short");
      }
    }
    families.forEach(
        (name, id) -> {
          for (int i = logged.size() - 1; i >= 0; i--) {
            if (part(found, name, "k").equals(logged.get(i).of(id))) {
              text.append("; ").append(name).append(" alone is at ").append(i);
              return;
            }
          }
          text.append("; ").append(name).append(" is at no prefix");
        });
    return text.append(": ").append(shorten(found)).toString();
  }

  static String shorten(Found found) {
    String text = found.content().toString().replaceAll("-{3,}", "-");
    return text.length() > 3000 ? text.substring(0, 3000) + "..." : text;
  }

  /** Begins anew with what a crash has left. */
  synchronized void restart(Found found) {
    Map<String, Integer> names = new HashMap<>();
    Map<Integer, Map<String, String>> keptLogged = new HashMap<>();
    Map<Integer, Map<String, String>> keptUnlogged = new HashMap<>();
    for (String name : found.content().keySet()) {
      int id = nextFamily++;
      names.put(name, id);
      keptLogged.put(id, new TreeMap<>(part(found, name, "k")));
      keptUnlogged.put(id, new TreeMap<>(part(found, name, "u")));
    }
    schemas.clear();
    logged.clear();
    unlogged.clear();
    unloggedFloors.clear();
    schemas.add(names);
    logged.add(new State(keptLogged));
    unlogged.add(new State(keptUnlogged));
    schema = 0;
    synced = 0;
    acknowledged = 0;
  }
}
