package io.lsmdb.power;

import io.lsmdb.Db;
import io.lsmdb.DbIterator;
import io.lsmdb.ReadOptions;
import io.lsmdb.power.WriteHistory.Promise;
import io.lsmdb.testing.ModelDb;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * The comparison of a recovered store with the history of its writers.
 *
 * <p>Used by one thread, after the writers have ended. What it demands:
 *
 * <ol>
 *   <li>The keys of each writer are as they were after some number of its steps, no smaller than
 *       was promised.
 *   <li>There is no hole between writers: with a step, all is there that was acknowledged when the
 *       step began.
 *   <li>Writes that were not logged are there once they were flushed.
 * </ol>
 */
final class RecoveryCheck {
  private final WriteHistory history;
  private final List<List<Step>> steps = new ArrayList<>();

  /** The smallest and the largest number of steps after which the state is what was found. */
  private record Span(int least, int most) {}

  RecoveryCheck(Workload workload, WriteHistory history) {
    this.history = history;
    for (int writer = 0; writer < history.writers(); writer++) {
      List<Step> own = new ArrayList<>();
      for (int number = 0; number < history.begun(writer); number++) {
        own.add(workload.step(writer, number));
      }
      steps.add(own);
    }
  }

  /**
   * Checks a store.
   *
   * @param db opened after a power loss
   * @param marks numbers of the promises that had been made before it
   */
  void check(Db db, List<Integer> marks) {
    Promise promise = history.promised(marks);
    List<Span> found = new ArrayList<>();
    for (int writer = 0; writer < history.writers(); writer++) {
      found.add(find(writer, read(db, writer), promise.durable()[writer]));
      checkUnlogged(db, writer, promise.flushed()[writer]);
    }
    checkNoHoles(found);
  }

  private static Map<String, NavigableMap<byte[], byte[]>> read(Db db, int writer) {
    Map<String, NavigableMap<byte[], byte[]>> found = new HashMap<>();
    for (String family : Workload.FAMILIES) {
      NavigableMap<byte[], byte[]> entries = new TreeMap<>(Arrays::compareUnsigned);
      ReadOptions own = ReadOptions.prefix(Workload.prefix(writer));
      try (DbIterator it = db.columnFamily(family).orElseThrow().iterate(own)) {
        for (it.seekToFirst(); it.isValid(); it.next()) {
          entries.put(it.key(), it.value());
        }
      }
      found.put(family, entries);
    }
    return found;
  }

  /** Finds the number of steps that a writer's keys show. */
  private Span find(int writer, Map<String, NavigableMap<byte[], byte[]>> found, int durable) {
    ModelTarget model = new ModelTarget();
    int least = -1;
    int most = -1;
    for (int taken = 0; ; taken++) {
      if (isEqual(found, model.state())) {
        least = least < durable ? taken : least;
        most = taken;
      }
      if (taken == steps.get(writer).size()) {
        break;
      }
      model.take(steps.get(writer).get(taken));
    }
    if (most < durable) {
      String state = most < 0 ? "in no state that ever was" : "as after " + most + " steps";
      throw new AssertionError(
          "writer %d is %s, but %d were durable%s"
              .formatted(writer, state, durable, difference(found, stateAfter(writer, durable))));
    }
    return new Span(least, most);
  }

  private ModelDb stateAfter(int writer, int count) {
    ModelTarget model = new ModelTarget();
    steps.get(writer).subList(0, count).forEach(model::take);
    return model.state();
  }

  private static boolean isEqual(
      Map<String, NavigableMap<byte[], byte[]>> found, ModelDb expected) {
    for (String family : Workload.FAMILIES) {
      NavigableMap<byte[], byte[]> entries = expected.entries(family);
      if (found.get(family).size() != entries.size()) {
        return false;
      }
      Iterator<Map.Entry<byte[], byte[]>> other = found.get(family).entrySet().iterator();
      for (Map.Entry<byte[], byte[]> entry : entries.entrySet()) {
        Map.Entry<byte[], byte[]> its = other.next();
        if (!Arrays.equals(entry.getKey(), its.getKey())
            || !Arrays.equals(entry.getValue(), its.getValue())) {
          return false;
        }
      }
    }
    return true;
  }

  /** The first key of each family that is other than expected. */
  private static String difference(
      Map<String, NavigableMap<byte[], byte[]>> found, ModelDb expected) {
    StringBuilder text = new StringBuilder();
    for (String family : Workload.FAMILIES) {
      NavigableMap<byte[], byte[]> keys = new TreeMap<>(found.get(family));
      keys.putAll(expected.entries(family));
      for (byte[] key : keys.keySet()) {
        byte[] is = found.get(family).get(key);
        byte[] wanted = expected.get(family, key);
        if (!Arrays.equals(is, wanted)) {
          text.append("; ").append(family).append(' ').append(ModelDb.show(key));
          text.append(" is ").append(show(is)).append(", then it was ").append(show(wanted));
          break;
        }
      }
    }
    return text.toString();
  }

  private static String show(byte[] value) {
    return value == null
        ? "absent"
        : value.length + " bytes " + ModelDb.show(Arrays.copyOf(value, Math.min(16, value.length)));
  }

  private void checkNoHoles(List<Span> found) {
    for (int writer = 0; writer < found.size(); writer++) {
      int least = found.get(writer).least();
      if (least > 0) {
        int[] before = history.before(writer, least - 1);
        for (int other = 0; other < before.length; other++) {
          if (before[other] > found.get(other).most()) {
            throw new AssertionError(
                ("step %d of writer %d is there, which began after %d steps of writer %d, of which"
                        + " only %d are there")
                    .formatted(least - 1, writer, before[other], other, found.get(other).most()));
          }
        }
      }
    }
  }

  private void checkUnlogged(Db db, int writer, int flushed) {
    int expected = -1;
    for (int number = 0; number < flushed; number++) {
      if (steps.get(writer).get(number).kind() == Step.Kind.UNLOGGED) {
        expected = number;
      }
    }
    byte[] value =
        db.columnFamily(Workload.UNLOGGED).orElseThrow().get(Workload.unloggedKey(writer));
    int found = value == null ? -1 : Integer.parseInt(new String(value, StandardCharsets.UTF_8));
    if (found < expected) {
      throw new AssertionError(
          "writer "
              + writer
              + " has flushed its step "
              + expected
              + ", but "
              + found
              + " is there");
    }
  }
}
