package io.lsmdb.bench.demo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ExpectedStateTest {
  private static final long HOUR = Purchase.MILLIS_PER_HOUR;

  private final ExpectedState state = new ExpectedState();

  @Test
  void sumsPerMerchantAndPerHour() {
    state.apply(new Purchase(7, "tea", 100, HOUR));
    state.apply(new Purchase(7, "tea", -30, HOUR + 1));
    state.apply(new Purchase(7, "milk", 50, 2 * HOUR));
    state.apply(new Purchase(8, "tea", 5, 2 * HOUR));

    assertArrayEquals(Layout.spend(70), state.value(Shape.SPEND, Layout.merchantKey(7, "tea")));
    assertArrayEquals(Layout.spend(50), state.value(Shape.SPEND, Layout.merchantKey(7, "milk")));
    assertArrayEquals(
        Layout.hourly(2, 70, -30, 100), state.value(Shape.HOURLY, Layout.hourKey(7, 1)));
    assertArrayEquals(
        Layout.hourly(1, 50, 50, 50), state.value(Shape.HOURLY, Layout.hourKey(7, 2)));
    assertEquals(3, state.entries(Shape.SPEND));
    assertEquals(3, state.entries(Shape.HOURLY));
    assertEquals(2, state.merchants(7));
    assertEquals(7, state.busiestUser());
  }

  @Test
  void keepsTheLastHundredPurchasesOldestFirst() {
    byte[] list = null;
    for (int i = 0; i < 250; i++) {
      state.apply(new Purchase(1, "a", i, i * 10L));
      list = Layout.append(list, i * 10L, i);
      assertArrayEquals(list, state.value(Shape.RECENT, Layout.userKey(1)), "after " + i);
    }
    assertEquals(Layout.RECENT * Layout.RECENT_ELEMENT, list.length);
    assertEquals(1500, ByteBuffer.wrap(list).getLong());
    assertEquals(249, ByteBuffer.wrap(list).getLong(list.length - Long.BYTES));
  }

  @Test
  void ratesUsersByWhatComesBack() {
    assertEquals(RiskTier.LOW, RiskTier.of(0, 0));
    assertEquals(RiskTier.LOW, RiskTier.of(1000, 99));
    assertEquals(RiskTier.ELEVATED, RiskTier.of(1000, 100));
    assertEquals(RiskTier.ELEVATED, RiskTier.of(1000, 499));
    assertEquals(RiskTier.HIGH, RiskTier.of(1000, 500));
    assertEquals(RiskTier.HIGH, RiskTier.of(0, 1));

    state.apply(new Purchase(1, "a", 1000, 0));
    state.apply(new Purchase(1, "b", -250, 0));
    assertArrayEquals(Layout.tier(1000, 250), state.value(Shape.TIER, Layout.userKey(1)));
    assertEquals(RiskTier.ELEVATED.code, state.value(Shape.TIER, Layout.userKey(1))[0]);
  }

  @Test
  void knowsNoOtherKeys() {
    state.apply(new Purchase(1, "a", 1, 1));
    for (Shape shape : Shape.values()) {
      assertNull(state.value(shape, new byte[0]));
      assertNull(state.value(shape, Layout.userKey(2)));
      assertNull(state.value(shape, Layout.merchantKey(1, "b")));
      assertNull(state.value(shape, Layout.hourKey(1, 1)));
    }
  }

  @Test
  void handsOutEveryKeyWithItsValue() {
    GeneratedPurchases purchases = new GeneratedPurchases(5_000, 1);
    for (Purchase p = purchases.next(); p != null; p = purchases.next()) {
      state.apply(p);
    }
    for (Shape shape : Shape.values()) {
      List<byte[]> keys = new ArrayList<>();
      state.forEach(
          shape,
          (key, value) -> {
            keys.add(key);
            assertArrayEquals(value, state.value(shape, key));
          });
      assertEquals(state.entries(shape), keys.size());
      assertEquals(keys.size(), keys.stream().map(ByteBuffer::wrap).distinct().count());
    }
  }
}
