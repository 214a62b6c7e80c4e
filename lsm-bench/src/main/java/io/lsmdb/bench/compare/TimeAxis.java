package io.lsmdb.bench.compare;

/**
 * The horizontal axis that all drawings of a long run share. Immutable.
 *
 * @param seconds length of the run
 */
record TimeAxis(int seconds) {
  /** Width of the drawings. */
  static final int WIDTH = 1060;

  private static final int LEFT = 122;
  private static final int RIGHT = WIDTH - 14;
  private static final int TICKS = 8;
  private static final int[] STEPS = {
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400
  };

  double x(double second) {
    return LEFT + (RIGHT - LEFT) * Math.min(1, second / seconds);
  }

  int left() {
    return LEFT;
  }

  int right() {
    return RIGHT;
  }

  /** Draws numbers below and lines above. */
  void draw(Svg svg, double top, double bottom) {
    int step = STEPS[0];
    for (int i = 1; i < STEPS.length && seconds / step > TICKS; i++) {
      step = STEPS[i];
    }
    for (int second = 0; second <= seconds; second += step) {
      svg.line(x(second), top, x(second), bottom, "stroke=\"#ddd\"");
      String anchor = second == 0 ? "start" : second + step > seconds ? "end" : "middle";
      svg.text(x(second), bottom + 14, "text-anchor=\"" + anchor + "\"", label(second, step));
    }
  }

  private static String label(int second, int step) {
    if (second == 0 || step < 60) {
      return second + " s";
    }
    return step < 3600 ? second / 60 + " min" : second / 3600 + " h";
  }
}
