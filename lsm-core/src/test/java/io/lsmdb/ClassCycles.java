package io.lsmdb;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Cycles among the classes of one package. Nested classes count as their outer class.
 *
 * <p>Stateless. Two classes that need each other are one idea: nest one in the other, or part what
 * they share.
 */
final class ClassCycles {
  private ClassCycles() {}

  /**
   * Finds the groups of classes of which each reaches all others.
   *
   * @param classes of any packages
   * @return for each package with cycles its groups, each a set of simple names
   */
  static Map<String, List<Set<String>>> byPackage(Iterable<JavaClass> classes) {
    Map<String, Map<String, Set<String>>> graphs = new TreeMap<>();
    for (JavaClass from : classes) {
      Map<String, Set<String>> graph =
          graphs.computeIfAbsent(from.getPackageName(), any -> new TreeMap<>());
      Set<String> targets = graph.computeIfAbsent(outerName(from), any -> new TreeSet<>());
      for (Dependency dependency : from.getDirectDependenciesFromSelf()) {
        JavaClass to = dependency.getTargetClass().getBaseComponentType();
        if (to.getPackageName().equals(from.getPackageName())) {
          targets.add(outerName(to));
        }
      }
    }
    Map<String, List<Set<String>>> result = new TreeMap<>();
    graphs.forEach(
        (name, graph) -> {
          List<Set<String>> cycles = cycles(graph);
          if (!cycles.isEmpty()) {
            result.put(name, cycles);
          }
        });
    return result;
  }

  /** The simple name of the outermost class that holds a class. */
  static String outerName(JavaClass javaClass) {
    String name = javaClass.getName().substring(javaClass.getPackageName().length() + 1);
    int nested = name.indexOf('$');
    return nested < 0 ? name : name.substring(0, nested);
  }

  /** The strongly connected groups of more than one node, by Tarjan's algorithm. */
  static List<Set<String>> cycles(Map<String, Set<String>> graph) {
    Walk walk = new Walk(graph);
    graph.keySet().forEach(walk::visit);
    return walk.groups;
  }

  /** One pass over a graph; not thread-safe. */
  private static final class Walk {
    private final Map<String, Set<String>> graph;
    private final Map<String, Integer> order = new HashMap<>();
    private final Map<String, Integer> lowest = new HashMap<>();
    private final Deque<String> open = new ArrayDeque<>();
    private final List<Set<String>> groups = new ArrayList<>();

    Walk(Map<String, Set<String>> graph) {
      this.graph = graph;
    }

    void visit(String node) {
      if (order.containsKey(node)) {
        return;
      }
      order.put(node, order.size());
      lowest.put(node, order.get(node));
      open.push(node);
      for (String next : graph.getOrDefault(node, Set.of())) {
        visit(next);
        if (open.contains(next)) {
          lowest.merge(node, lowest.get(next), Math::min);
        }
      }
      if (lowest.get(node).equals(order.get(node))) {
        Set<String> group = new TreeSet<>();
        String member;
        do {
          member = open.pop();
          group.add(member);
        } while (!member.equals(node));
        if (group.size() > 1) {
          groups.add(group);
        }
      }
    }
  }
}
