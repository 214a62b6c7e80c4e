package io.lsmdb.bench.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class GeneratedPurchasesTest {
  private static final int EVENTS = 20_000;

  @Test
  void givesTheSameEventsForTheSameSeedOnly() {
    assertEquals(generate(1), generate(1));
    assertNotEquals(generate(1), generate(2));
  }

  /** A change of the generator would make figures incomparable, hence these are written down. */
  @Test
  void startsWithTheseEvents() {
    assertEquals(
        List.of(
            new Purchase(2070971350L, "38904", 18311, 1767225600380L),
            new Purchase(4402874541L, "46163", 2863, 1767225600707L),
            new Purchase(6048504147L, "32461", 1884, 1767225600874L)),
        generate(1).subList(0, 3));
  }

  @Test
  void isSkewedAndWithinTheBoundsOfEvents() {
    Map<Long, Integer> perUser = new HashMap<>();
    long before = 0;
    int returns = 0;
    for (Purchase p : generate(3)) {
      perUser.merge(p.user(), 1, Integer::sum);
      assertTrue(p.user() >= 0 && p.user() <= Purchase.MAX_USER);
      assertTrue(p.timestamp() >= before && p.timestamp() <= Purchase.MAX_TIMESTAMP);
      assertTrue(p.merchant().length() <= 6, p.merchant());
      before = p.timestamp();
      returns += p.amount() < 0 ? 1 : 0;
    }
    int busiest = perUser.values().stream().mapToInt(Integer::intValue).max().orElseThrow();
    assertTrue(perUser.size() > 500 && perUser.size() <= 1_000, "users: " + perUser.size());
    assertTrue(busiest > 1_000, "events of the busiest user: " + busiest);
    assertTrue(returns > 300 && returns < 500, "returns: " + returns);
  }

  @Test
  void tellsHowFarItIs() {
    GeneratedPurchases purchases = new GeneratedPurchases(2, 1);
    assertEquals(0.0, purchases.fraction());
    purchases.next();
    assertEquals(0.5, purchases.fraction());
    purchases.next();
    assertEquals(1.0, purchases.fraction());
    assertEquals(null, purchases.next());
  }

  private static List<Purchase> generate(long seed) {
    GeneratedPurchases purchases = new GeneratedPurchases(EVENTS, seed);
    List<Purchase> all = new ArrayList<>();
    for (Purchase p = purchases.next(); p != null; p = purchases.next()) {
      all.add(p);
    }
    assertEquals(EVENTS, all.size());
    return all;
  }
}
