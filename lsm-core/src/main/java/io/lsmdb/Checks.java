package io.lsmdb;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

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

  static void duration(String setting, Duration value) {
    if (value.compareTo(Duration.ofMillis(1)) < 0) {
      throw new InvalidOptionsException(
          setting + " must be at least a millisecond, but is " + value);
    }
  }

  /** Turns a time to live into ms; 0 for none. */
  static long timeToLive(@Nullable Duration time) {
    if (time == null) {
      return 0;
    }
    duration("timeToLive", time);
    try {
      return time.toMillis();
    } catch (ArithmeticException tooLong) {
      return Long.MAX_VALUE;
    }
  }

  static void name(String setting, @Nullable String name) {
    if (name == null) {
      throw new InvalidOptionsException(setting + " must not be null");
    }
    int length = name.getBytes(StandardCharsets.UTF_8).length;
    if (length == 0 || length > 1024) {
      throw new InvalidOptionsException(
          setting + " must have 1 to 1024 bytes in UTF-8, but has " + length);
    }
  }
}
