package io.lsmdb.bench.compare;

import com.sun.management.OperatingSystemMXBean;
import io.lsmdb.bench.ByteSize;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** What a reader must know about the computer of a run. Stateless. */
final class Machine {
  private static final OperatingSystemMXBean SYSTEM =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  private Machine() {}

  /** Names and values; without anything that tells whose computer it is. */
  static Map<String, String> describe(Path directory) throws IOException {
    Map<String, String> machine = new LinkedHashMap<>();
    machine.put("processor", processor());
    machine.put("processors", Integer.toString(Runtime.getRuntime().availableProcessors()));
    machine.put("memory", ByteSize.format(SYSTEM.getTotalMemorySize()));
    machine.put("system", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    machine.put("architecture", System.getProperty("os.arch"));
    machine.put("file system", Files.getFileStore(directory).type());
    machine.put(
        "JVM", System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"));
    machine.put("load at the start", load());
    return machine;
  }

  /** Runnable tasks over the last minute; other programs among them. */
  static String load() {
    double load = SYSTEM.getSystemLoadAverage();
    return load < 0 ? "untold" : String.format(Locale.ROOT, "%.1f", load);
  }

  private static String processor() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/cpuinfo"))) {
        if (line.startsWith("model name")) {
          return line.substring(line.indexOf(':') + 1).strip();
        }
      }
    } catch (IOException e) {
      // Not Linux.
    }
    return "untold";
  }
}
