package io.lsmdb.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ProgressTest {
  private final StringWriter text = new StringWriter();
  private long now;

  @Test
  void printsALineEveryTenthWhenPiped() {
    Progress progress = progress(false);
    for (int i = 1; i <= 1_000; i++) {
      progress.update(i / 1_000.0, i);
    }
    progress.end();
    List<String> lines = text.toString().lines().toList();
    assertEquals(10, lines.size());
    assertEquals(" 10 %  100 events", lines.get(0));
    assertEquals("100 %  1,000 events", lines.get(9));
    assertTrue(text.toString().indexOf('\r') < 0);
  }

  @Test
  void printsALineForEachDoublingWhenTheLengthIsUnknown() {
    Progress progress = progress(false);
    for (int i = 1; i <= 100_000; i++) {
      progress.update(-1, i);
    }
    assertEquals(
        List.of("10,000 events", "20,000 events", "40,000 events", "80,000 events"),
        text.toString().lines().toList());
  }

  @Test
  void redrawsABarOnATerminalNotTooOften() {
    Progress progress = progress(true);
    for (int i = 1; i <= 1_000; i++) {
      now += 1_000_000;
      progress.update(i / 1_000.0, i);
    }
    long draws = text.toString().chars().filter(c -> c == '\r').count();
    assertEquals(10, draws);
    assertTrue(text.toString().contains("\r[##############"), text.toString());
    assertTrue(text.toString().indexOf('\n') < 0);
    progress.end();
    assertTrue(text.toString().endsWith("\r"));
  }

  @Test
  void estimatesTheTimeThatIsLeft() {
    Progress progress = progress(true);
    now = 30_000_000_000L;
    progress.update(0.5, 7);
    assertTrue(text.toString().contains(" 50 %  7 events, about 30 s left"), text.toString());
    now = 60_000_000_000L;
    progress.update(0.1, 8);
    assertTrue(text.toString().contains("8 events, about 9 min left"), text.toString());
  }

  private Progress progress(boolean terminal) {
    return new Progress(new PrintWriter(text), terminal, "events", () -> now);
  }
}
