package io.lsmdb.bench;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** What a reader must know about the computer of a run. Stateless. */
public final class Machine {
  private static final OperatingSystemMXBean SYSTEM =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  private Machine() {}

  /**
   * The computer; without anything that tells whose it is.
   *
   * @param directory on the file system that is used
   * @return names and values
   * @throws IOException if the file system does not tell its type
   */
  public static Map<String, String> describe(Path directory) throws IOException {
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

  /**
   * Runnable tasks over the last minute; other programs among them.
   *
   * @return a number, or "untold"
   */
  public static String load() {
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
