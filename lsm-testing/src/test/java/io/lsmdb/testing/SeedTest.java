package io.lsmdb.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class SeedTest {
  private String outerSeed;

  @BeforeEach
  void forgetOuterSeed() {
    outerSeed = System.clearProperty(Seed.PROPERTY);
  }

  @AfterEach
  void restoreOuterSeed() {
    if (outerSeed == null) {
      System.clearProperty(Seed.PROPERTY);
    } else {
      System.setProperty(Seed.PROPERTY, outerSeed);
    }
  }

  @Test
  void everyRoundHasItsOwnSeed() {
    List<Long> seeds = new ArrayList<>();
    Seed.check(5, seeds::add);
    assertEquals(5, seeds.stream().distinct().count());
  }

  @Test
  void everyRunHasTheSameSeedsUnlessFreshOnesAreAskedFor() {
    List<Long> first = new ArrayList<>();
    Seed.check(5, first::add);
    List<Long> second = new ArrayList<>();
    Seed.check(5, second::add);
    assertEquals(first, second);
    System.setProperty(Seed.PROPERTY, Seed.FRESH);
    List<Long> fresh = new ArrayList<>();
    Seed.check(5, fresh::add);
    assertNotEquals(first, fresh);
  }

  @Test
  void thePropertyRepeatsOneSeed() {
    System.setProperty(Seed.PROPERTY, "42");
    List<Long> seeds = new ArrayList<>();
    Seed.check(5, seeds::add);
    assertEquals(List.of(42L), seeds);
  }

  @Test
  void aFailureNamesItsSeed() {
    System.setProperty(Seed.PROPERTY, "42");
    IllegalStateException cause = new IllegalStateException("broken");
    AssertionError failure =
        assertThrows(
            AssertionError.class,
            () ->
                Seed.check(
                    1,
                    seed -> {
                      throw cause;
                    }));
    assertSame(cause, failure.getCause());
    assertTrue(failure.getMessage().contains("-Dlsmdb.seed=42"), failure.getMessage());
  }
}
