package io.lsmdb.bench.compare;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What the system tells of this process at one moment.
 *
 * @param cpuNanos CPU time of all threads
 * @param gcMillis time in garbage collection
 * @param bytesToDevice bytes caused to be written to storage; -1 where the system does not tell
 */
record ProcessFigures(long cpuNanos, long gcMillis, long bytesToDevice) {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final Path IO = Path.of("/proc/self/io");
  private static final Path CLEAR = Path.of("/proc/self/clear_refs");
  private static final OperatingSystemMXBean SYSTEM =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  static ProcessFigures now() {
    return new ProcessFigures(cpu(), gc(), number(IO, "write_bytes:", 1));
  }

  /** Milliseconds in garbage collection since the process began. */
  static long gc() {
    long millis = 0;
    for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
      millis += Math.max(0, collector.getCollectionTime());
    }
    return millis;
  }

  static long cpu() {
    return SYSTEM.getProcessCpuTime();
  }

  /** Largest resident size in bytes since {@link #forgetPeak()}; -1 where it is not told. */
  static long peakMemory() {
    return number(STATUS, "VmHWM:", 1024);
  }

  /** Begins anew with the peak, where the system lets it. */
  static void forgetPeak() {
    try {
      Files.writeString(CLEAR, "5");
    } catch (IOException | SecurityException e) {
      // Elsewhere the peak is that since the process began.
    }
  }

  private static long number(Path file, String name, long unit) {
    try {
      for (String line : Files.readAllLines(file)) {
        if (line.startsWith(name)) {
          String[] fields = line.substring(name.length()).strip().split(" ");
          return Long.parseLong(fields[0]) * unit;
        }
      }
    } catch (IOException | NumberFormatException e) {
      // Not Linux, or not allowed: untold.
    }
    return -1;
  }
}
