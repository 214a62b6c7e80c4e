package io.lsmdb.bench;

import java.io.Console;

/** Whether somebody watches. Stateless. */
public final class Terminal {
  private Terminal() {}

  /**
   * Whether standard output is a terminal.
   *
   * @return false when it is piped, as far as the JVM tells
   */
  @SuppressWarnings("SystemConsoleNull") // Both meanings of null are handled.
  public static boolean isInteractive() {
    Console console = System.console();
    if (console == null) {
      return false;
    }
    try {
      // Since JDK 22 there is a console even without a terminal, and this method to tell.
      return (boolean) Console.class.getMethod("isTerminal").invoke(console);
    } catch (NoSuchMethodException before22) {
      return true;
    } catch (ReflectiveOperationException e) {
      return false;
    }
  }
}
