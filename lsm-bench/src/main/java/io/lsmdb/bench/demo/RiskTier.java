package io.lsmdb.bench.demo;

/** How much of what a user buys comes back: the rule of the demo's value state. */
enum RiskTier {
  /** Returns are less than a tenth of the purchases. */
  LOW(0),
  /** Returns are a tenth to a half of the purchases. */
  ELEVATED(1),
  /** Returns are half of the purchases or more. */
  HIGH(2);

  /** How the tier is stored. */
  final byte code;

  RiskTier(int code) {
    this.code = (byte) code;
  }

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
