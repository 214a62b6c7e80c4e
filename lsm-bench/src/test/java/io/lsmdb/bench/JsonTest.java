package io.lsmdb.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class JsonTest {
  @Test
  void writesAndReadsBack() {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("text", "a \"quoted\" \\ back\nslash");
    all.put("numbers", List.of(1.5, -2e9, 0.0));
    all.put("nothing", null);
    all.put("flags", Arrays.asList(true, false, null));
    all.put("empty", Map.of());
    assertEquals(all, Json.parse(Json.write(all)));
  }

  @Test
  void isIndentedWithNumbersOnOneLine() {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("a", List.of(1.0, 2.5));
    all.put("b", Map.of("c", "d"));
    assertEquals(
        "{\n  \"a\": [1.0, 2.5],\n  \"b\": {\n    \"c\": \"d\"\n  }\n}\n", Json.write(all));
  }

  @Test
  void readsEscapes() {
    assertEquals("A\t/", Json.parse(" \"\\u0041\\t\\/\" "));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "{", "[1,]", "{\"a\" 1}", "\"open", "1 2", "nul", "\"\\x\"", "{\"a\":}", "-"})
  void refusesWhatIsNotJson(String text) {
    assertThrows(IllegalArgumentException.class, () -> Json.parse(text));
  }

  @Test
  void refusesDeepNesting() {
    assertThrows(IllegalArgumentException.class, () -> Json.parse("[".repeat(100_000)));
  }
}
