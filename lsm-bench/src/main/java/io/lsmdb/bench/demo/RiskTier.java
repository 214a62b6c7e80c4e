package io.lsmdb.bench.demo;

/** How much of what a user buys comes back: the rule of the demo's value state. */
enum RiskTier {
  /** Returns are less than a tenth of the purchases. */
  LOW,
  /** Returns are a tenth to a half of the purchases. */
  ELEVATED,
  /** Returns are half of the purchases or more. */
  HIGH;

  /**
   * Applies the rule.
   *
   * @param purchases sum of all positive amounts, in pence
   * @param returns sum of all negative amounts without their sign, in pence
   */
  static RiskTier of(long purchases, long returns) {
    if (returns == 0 || returns < purchases / 10) {
      return LOW;
    }
    return returns < purchases / 2 ? ELEVATED : HIGH;
  }
}
