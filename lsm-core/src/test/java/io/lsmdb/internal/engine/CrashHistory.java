package io.lsmdb.internal.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import io.lsmdb.ColumnFamily;
import io.lsmdb.Db;
import io.lsmdb.DbIterator;
import io.lsmdb.testing.TestOperators;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What a store may hold after a crash: every state that the order of writes went through, with the
 * limits that acknowledgements set.
 *
 * <p>Thread-safe. Keys of writes with and without log are apart: the first begin with 'k', the
 * others with 'u'. A family that is dropped and created again counts as another one. Of the family
 * {@link #LOOSE} values may be missing, as its files are dropped; but what is there must be the
 * newest value, and what was seen missing stays so.
 */
final class CrashHistory {
  /** The name of the family whose files may be dropped; its keys are never merged. */
  static final String LOOSE = "loose";

  /** The expiry of what does not expire. */
  static final long NEVER = Long.MAX_VALUE;

  /**
   * A change of one key.
   *
   * @param value null deletes; no two are alike, but where a value is written again to expire later
   * @param isMerge whether the value is merged with what is there
   * @param expiry when the value expires
   */
  record Change(String family, String key, String value, boolean isMerge, long expiry) {
    Change(String family, String key, String value) {
      this(family, key, value, false);
    }

    Change(String family, String key, String value, boolean isMerge) {
      this(family, key, value, isMerge, NEVER);
    }

    private Cell appliedTo(Cell old, long now) {
      if (value == null) {
        return null;
      }
      if (!isMerge) {
        return new Cell(value, expiry, null);
      }
      String merged = mergedOnto(old == null ? null : old.at(now));
      return old == null || old.expiry <= now
          ? new Cell(merged, NEVER, null)
          : new Cell(merged, old.expiry, mergedOnto(old.after));
    }

    private String mergedOnto(String base) {
      byte[] bytes = base == null ? null : CrashScript.bytes(base);
      byte[] merged = TestOperators.apply(CrashScript.OPERATOR, bytes, CrashScript.bytes(value));
      return new String(merged, StandardCharsets.UTF_8);
    }
  }

  /**
   * What a key has.
   *
   * @param expiry when the value makes place
   * @param after for these operands; null for nothing
   */
  private record Cell(String value, long expiry, String after) {
    String at(long now) {
      return expiry <= now ? after : value;
    }
  }

  /** The limits at one moment. */
  record Limits(int schema, int synced, int acknowledged, Map<Integer, Integer> unlogged) {}

  /** Content by family, then by key. */
  private record State(Map<Integer, Map<String, Cell>> families) {
    State with(List<Change> changes, Map<String, Integer> schema, long now) {
      Map<Integer, Map<String, Cell>> next = new HashMap<>(families);
      for (Change change : changes) {
        int id = schema.get(change.family());
        Map<String, Cell> content = new TreeMap<>(next.getOrDefault(id, Map.of()));
        Cell cell = change.appliedTo(content.get(change.key()), now);
        if (cell == null) {
          content.remove(change.key());
        } else {
          content.put(change.key(), cell);
        }
        next.put(id, content);
      }
      return new State(next);
    }

    /** What a family shows at a time. */
    Map<String, String> of(int family, long now) {
      Map<String, String> shown = new TreeMap<>();
      families
          .getOrDefault(family, Map.of())
          .forEach(
              (key, cell) -> {
                String value = cell.at(now);
                if (value != null) {
                  shown.put(key, value);
                }
              });
      return shown;
    }
  }

  /** What was found in a store: family names, and content by name. */
  record Found(Map<String, Map<String, String>> content) {}

  /** The clock of the open store; only goes forward. */
  final AtomicLong clock = new AtomicLong(1_000);

  private final boolean atomicFlush;
  private final Set<String> missing = new HashSet<>(); // values of the loose family
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
    currentSchema().forEach((name, id) -> content.put(name, visible(id)));
    return new Found(content);
  }

  private Map<String, String> visible(int family) {
    Map<String, String> entries = logged.get(acknowledged).of(family, clock.get());
    entries.putAll(unlogged.get(unlogged.size() - 1).of(family, clock.get()));
    return entries;
  }

  /** The value that the open store must show, but for the loose family. */
  synchronized String visible(String family, String key) {
    return visible(currentSchema().get(family)).get(key);
  }

  /** Checks what the open store shows, and notes what is missing of the loose family. */
  synchronized void learn(Found found) {
    check(found, limits(), true);
    Map<String, String> loose = found.content().get(LOOSE);
    if (loose != null) {
      Map<String, String> expected = visible(currentSchema().get(LOOSE));
      expected.keySet().removeAll(loose.keySet());
      missing.addAll(expected.values());
    }
  }

  synchronized List<String> families() {
    return List.copyOf(new TreeMap<>(currentSchema()).keySet());
  }

  private Map<String, Integer> currentSchema() {
    return schemas.get(schemas.size() - 1);
  }

  /** A logged write is about to be issued. */
  synchronized void beginLogged(List<Change> changes) {
    logged.add(logged.get(logged.size() - 1).with(changes, currentSchema(), clock.get()));
  }

  synchronized void endLogged(boolean sync) {
    acknowledged = logged.size() - 1;
    if (sync) {
      synced = acknowledged;
    }
  }

  /** Takes note of a synced call that has logged nothing itself. */
  synchronized void synced() {
    synced = acknowledged;
  }

  /** A write without log is about to be issued. */
  synchronized void beginUnlogged(List<Change> changes) {
    unlogged.add(unlogged.get(unlogged.size() - 1).with(changes, currentSchema(), clock.get()));
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
      try (DbIterator it = family.iterate()) {
        for (it.seekToFirst(); it.isValid(); it.next()) {
          String key = new String(it.key(), StandardCharsets.UTF_8);
          String value = new String(it.value(), StandardCharsets.UTF_8);
          assertEquals(null, entries.put(key, value), "a cursor shows a key twice");
        }
      }
      for (String prefix : List.of("k", "u")) {
        for (int i = 0; i < CrashScript.KEYS; i++) {
          String key = prefix + i;
          byte[] value = family.get(key.getBytes(StandardCharsets.UTF_8));
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
    check(found, before, processDeath, clock.get());
  }

  /** The same for a store with another clock. */
  synchronized void check(Found found, Limits before, boolean processDeath, long now) {
    Map<String, Integer> families = schemaOf(found, before);
    int least = processDeath ? before.acknowledged() : before.synced();
    int prefix = -1;
    for (int i = logged.size() - 1; i >= least && prefix < 0; i--) {
      prefix = equal(found, families, "k", logged.get(i), now) ? i : -1;
    }
    if (prefix < 0) {
      fail(explain(found, families, least, now));
    }
    checkUnlogged(found, families, before, now);
  }

  private void checkUnlogged(Found found, Map<String, Integer> families, Limits before, long now) {
    if (atomicFlush) {
      int least = before.unlogged().values().stream().mapToInt(i -> i).max().orElse(0);
      checkSomeUnlogged(found, families, least, now);
      return;
    }
    families.forEach(
        (name, id) ->
            checkSomeUnlogged(found, Map.of(name, id), before.unlogged().getOrDefault(id, 0), now));
  }

  private void checkSomeUnlogged(Found found, Map<String, Integer> families, int least, long now) {
    for (int i = unlogged.size() - 1; i >= least; i--) {
      if (equal(found, families, "u", unlogged.get(i), now)) {
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

  private boolean equal(
      Found found, Map<String, Integer> families, String prefix, State state, long now) {
    return families.entrySet().stream()
        .allMatch(
            family -> equal(found, family.getKey(), prefix, state.of(family.getValue(), now)));
  }

  private boolean equal(Found found, String family, String prefix, Map<String, String> expected) {
    Map<String, String> there = part(found, family, prefix);
    return family.equals(LOOSE)
        ? expected.entrySet().containsAll(there.entrySet())
            && Collections.disjoint(there.values(), missing)
        : there.equals(expected);
  }

  private static Map<String, String> part(Found found, String family, String prefix) {
    return ((TreeMap<String, String>) found.content().get(family))
        .subMap(prefix, true, prefix + Character.MAX_VALUE, true);
  }

  private String explain(Found found, Map<String, Integer> families, int least, long now) {
    StringBuilder text = new StringBuilder();
    text.append("no prefix of ").append(least).append(" to ").append(logged.size() - 1);
    for (int i = 0; i < least; i++) {
      if (equal(found, families, "k", logged.get(i), now)) {
        text.append("; it is the prefix of ").append(i).append(", too short");
      }
    }
    families.forEach(
        (name, id) -> {
          for (int i = logged.size() - 1; i >= 0; i--) {
            if (equal(found, name, "k", logged.get(i).of(id, now))) {
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

  private static Map<String, Cell> lasting(Map<String, String> values) {
    Map<String, Cell> cells = new TreeMap<>();
    values.forEach((key, value) -> cells.put(key, new Cell(value, NEVER, null)));
    return cells;
  }

  /** Begins anew with what a crash has left; none of it is to expire. */
  synchronized void restart(Found found) {
    Map<String, Integer> names = new HashMap<>();
    Map<Integer, Map<String, Cell>> keptLogged = new HashMap<>();
    Map<Integer, Map<String, Cell>> keptUnlogged = new HashMap<>();
    for (String name : found.content().keySet()) {
      int id = nextFamily++;
      names.put(name, id);
      keptLogged.put(id, lasting(part(found, name, "k")));
      keptUnlogged.put(id, lasting(part(found, name, "u")));
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
