package io.lsmdb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The public API stays small: one interface for a key space, and few methods beside it. */
class PublicApiTest {
  @Test
  void theStoreDeclaresFewMethodsOfItsOwn() {
    List<String> own =
        Arrays.stream(Db.class.getDeclaredMethods())
            .filter(method -> !method.isSynthetic())
            .map(Method::toString)
            .toList();
    assertTrue(own.size() <= 25, () -> own.size() + " methods: " + own);
  }

  /** A family is an object with methods, not an argument that doubles each of them. */
  @Test
  void onlyCallsOnAWholeStoreTakeAFamily() {
    List<String> taking =
        Stream.of(ReadView.class, Keyspace.class, ColumnFamily.class, Snapshot.class, Db.class)
            .flatMap(type -> Arrays.stream(type.getDeclaredMethods()))
            .filter(method -> List.of(method.getParameterTypes()).contains(ColumnFamily.class))
            .map(method -> method.getDeclaringClass().getSimpleName() + "." + method.getName())
            .sorted()
            .toList();
    assertEquals(List.of("Db.dropColumnFamily", "Snapshot.of"), taking);
  }
}
