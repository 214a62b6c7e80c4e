package io.lsmdb.bench.jmh;

import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/** What all runs of the JMH benchmarks have in common. Stateless. */
final class JmhRun {
  /** Matches every benchmark of this program. */
  static final String ALL = "io\\.lsmdb\\.bench\\.jmh\\.";

  private JmhRun() {}

  /** Options that need nothing but their times. */
  static ChainedOptionsBuilder options(String include) {
    return new OptionsBuilder()
        .include(include)
        .jvmArgsAppend(jvmArguments())
        .shouldFailOnError(true);
  }

  /** Grants what the native LZ4 codec needs; a forked JVM does not see the manifest of the jar. */
  private static String[] jvmArguments() {
    return Runtime.version().feature() >= 22
        ? new String[] {"-Xms2g", "-Xmx2g", "--enable-native-access=ALL-UNNAMED"}
        : new String[] {"-Xms2g", "-Xmx2g"};
  }
}
