package io.lsmdb;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ClassCyclesTest {
  @Test
  void findsEachGroupOnceAndNothingElse() {
    Map<String, Set<String>> graph =
        Map.of(
            "a", Set.of("b"),
            "b", Set.of("c", "d"),
            "c", Set.of("a"),
            "d", Set.of("d", "e"),
            "e", Set.of("f"),
            "f", Set.of("e"));
    assertEquals(
        Set.of(Set.of("a", "b", "c"), Set.of("e", "f")), Set.copyOf(ClassCycles.cycles(graph)));
    assertEquals(List.of(), ClassCycles.cycles(Map.of("a", Set.of("b", "a"), "b", Set.of())));
  }

  @Test
  void nestedClassesCountAsTheirOuterClass() {
    var classes =
        new ClassFileImporter()
            .importClasses(ClassCyclesTest.class, Other.class, Pair.class, Pair.Half.class);
    assertEquals(
        Map.of("io.lsmdb", List.of(Set.of("ClassCyclesTest", "Pair"))),
        ClassCycles.byPackage(classes));
  }

  /** Leads back here from another class, by way of one nested in that. */
  static final class Other {
    Pair.Half half;
  }
}

/** A class beside the test, whose nested class needs the test. */
final class Pair {
  static final class Half {
    ClassCyclesTest.Other other;
  }
}
