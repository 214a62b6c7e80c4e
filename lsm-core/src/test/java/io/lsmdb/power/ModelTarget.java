package io.lsmdb.power;

import io.lsmdb.power.Step.Change;
import io.lsmdb.power.Step.Kind;
import io.lsmdb.testing.ModelDb;
import io.lsmdb.testing.TestOperators;

/** Takes the steps of a {@link Workload} in memory. Used by one thread. */
final class ModelTarget {
  private final ModelDb model = new ModelDb();

  ModelTarget() {
    for (String family : Workload.FAMILIES) {
      if (!model.families().contains(family)) {
        model.createFamily(family);
      }
    }
  }

  /** The state after the steps so far. */
  ModelDb state() {
    return model;
  }

  /** Takes a step; what is not logged is not part of the state. */
  void take(Step step) {
    if (step.kind() != Kind.UNLOGGED) {
      step.changes().forEach(this::change);
    }
  }

  private void change(Change change) {
    String family = change.family();
    byte[] key = change.key();
    byte[] value = change.value();
    byte[] old = model.get(family, key);
    switch (change.type()) {
      case PUT -> model.put(family, key, value);
      case DELETE -> model.delete(family, key);
      case MERGE -> model.put(family, key, TestOperators.apply(TestOperators.JOINING, old, value));
      case DELETE_RANGE -> model.deleteRange(family, key, value);
      case PUT_IF_ABSENT -> model.replace(family, key, old == null ? value : old);
      case REVERSE -> model.replace(family, key, Workload.reverse(old));
    }
  }
}
