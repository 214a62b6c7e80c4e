package io.lsmdb;

import com.sun.jdi.Bootstrap;
import com.sun.jdi.IncompatibleThreadStateException;
import com.sun.jdi.Method;
import com.sun.jdi.StackFrame;
import com.sun.jdi.VirtualMachine;
import com.sun.jdi.connect.Connector;
import com.sun.jdi.connect.LaunchingConnector;
import com.sun.jdi.event.Event;
import com.sun.jdi.event.EventSet;
import com.sun.jdi.event.MethodEntryEvent;
import com.sun.jdi.event.VMDeathEvent;
import com.sun.jdi.event.VMDisconnectEvent;
import com.sun.jdi.request.EventRequest;
import com.sun.jdi.request.MethodEntryRequest;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The classes of the library that an operation enters in its own thread, seen through the debugger
 * interface of the JDK.
 *
 * <p>A reader who follows an operation opens the classes of the engine on its way, and those
 * through which other packages are entered; what lies behind these is their package's own matter.
 * Used by one thread.
 */
final class EnteredClasses {
  private static final String ROOT = "io.lsmdb.";
  private static final String INTERNAL = ROOT + "internal.";
  private static final String ENGINE = INTERNAL + "engine.";

  /** Packages whose classes a reader of any path knows already. */
  private static final Set<String> VOCABULARY =
      Set.of(INTERNAL + "base", INTERNAL + "fs", INTERNAL + "key");

  /** A class of whose code fewer bytes are entered holds no logic: it returns fields. */
  private static final int LEAST_BYTES = 40;

  /** Bytes of the code entered from the engine or from another package, by class. */
  private final Map<String, Integer> onTheWay = new LinkedHashMap<>();

  private final Set<String> all = new HashSet<>();
  private final Set<Method> seen = new HashSet<>();

  private final VirtualMachine machine;
  private final MethodEntryRequest counted;

  private EnteredClasses(VirtualMachine machine) {
    this.machine = machine;
    counted = machine.eventRequestManager().createMethodEntryRequest();
    counted.addClassFilter(INTERNAL + "*");
    counted.setSuspendPolicy(EventRequest.SUSPEND_EVENT_THREAD);
    MethodEntryRequest marks = machine.eventRequestManager().createMethodEntryRequest();
    marks.addClassFilter(ReadingOrderMain.class.getName());
    marks.setSuspendPolicy(EventRequest.SUSPEND_ALL);
    marks.enable();
  }

  /** Those with logic that a reader opens, in the order of their first entry. */
  List<String> onTheWay() {
    return onTheWay.keySet().stream().filter(name -> onTheWay.get(name) >= LEAST_BYTES).toList();
  }

  /** All that were entered at all. */
  Set<String> all() {
    return all;
  }

  /**
   * Runs an operation of {@link ReadingOrderMain} in another JVM.
   *
   * @param operation its name
   * @param directory an empty one
   */
  static EnteredClasses of(String operation, Path directory) throws Exception {
    LaunchingConnector connector = Bootstrap.virtualMachineManager().defaultConnector();
    Map<String, Connector.Argument> arguments = connector.defaultArguments();
    String main = ReadingOrderMain.class.getName() + " " + operation + " " + directory;
    arguments.get("main").setValue(main);
    arguments
        .get("options")
        .setValue("-Xmx64m -cp \"" + System.getProperty("java.class.path") + "\"");
    VirtualMachine machine = connector.launch(arguments);
    EnteredClasses entered = new EnteredClasses(machine);
    try {
      entered.watch();
    } finally {
      machine.process().destroyForcibly();
    }
    return entered;
  }

  private void watch() throws InterruptedException {
    while (true) {
      EventSet events = machine.eventQueue().remove();
      for (Event event : events) {
        if (event instanceof VMDeathEvent || event instanceof VMDisconnectEvent) {
          return;
        }
        if (event instanceof MethodEntryEvent entry) {
          note(entry);
        }
      }
      events.resume();
    }
  }

  private void note(MethodEntryEvent entry) {
    Method method = entry.method();
    String type = method.declaringType().name();
    if (type.equals(ReadingOrderMain.class.getName())) {
      if (method.name().equals("begin")) {
        counted.addThreadFilter(entry.thread()); // not what others do meanwhile
        counted.enable();
      } else if (method.name().equals("end")) {
        counted.disable();
      }
    } else if (!method.isConstructor() && !method.isStaticInitializer()) {
      all.add(outermost(type));
      if (!VOCABULARY.contains(packageOf(type))
          && !seen.contains(method)
          && isOnTheWay(type, entry)) {
        seen.add(method);
        onTheWay.merge(outermost(type), method.bytecodes().length, Integer::sum);
      }
    }
  }

  private static String outermost(String type) {
    String name = type.substring(type.lastIndexOf('.') + 1);
    int nested = name.indexOf('$');
    return nested < 0 ? name : name.substring(0, nested);
  }

  private static String packageOf(String type) {
    return type.substring(0, type.lastIndexOf('.'));
  }

  /** Whether a class belongs to the engine, or is entered from another package than its own. */
  private static boolean isOnTheWay(String type, MethodEntryEvent entry) {
    return type.startsWith(ENGINE) || !packageOf(callerOf(entry)).equals(packageOf(type));
  }

  private static String callerOf(MethodEntryEvent entry) {
    try {
      for (StackFrame frame : entry.thread().frames()) {
        String type = frame.location().declaringType().name();
        if (type.startsWith(ROOT) && !type.equals(entry.method().declaringType().name())) {
          return type;
        }
      }
      return ROOT + "none";
    } catch (IncompatibleThreadStateException e) {
      throw new IllegalStateException(e);
    }
  }
}
