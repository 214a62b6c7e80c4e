package io.lsmdb;

/** The checks that option builders share. Stateless. */
final class Checks {
  private Checks() {}

  static void range(String setting, long value, long least, long most) {
    if (value < least || value > most) {
      throw new InvalidOptionsException(
          setting + " must be from " + least + " to " + most + ", but is " + value);
    }
  }

  static void atLeast(String setting, long value, String other, long otherValue) {
    if (value < otherValue) {
      throw new InvalidOptionsException(
          setting + " (" + value + ") must not be below " + other + " (" + otherValue + ")");
    }
  }
}
