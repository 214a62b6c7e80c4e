package io.lsmdb;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Predicate;

/**
 * The structure of the library, as rules which fail the build: layers, and the seams to files,
 * clocks and threads.
 *
 * <p>Only main classes are looked at; tests and fixtures may do as they need.
 */
@AnalyzeClasses(packages = "io.lsmdb", importOptions = ArchitectureTest.MainClasses.class)
final class ArchitectureTest {
  private static final String ROOT = "io.lsmdb";
  private static final String INTERNAL = ROOT + ".internal.";
  private static final String ENGINE = INTERNAL + "engine";
  private static final String FILE_SYSTEM = INTERNAL + "fs";

  /** The class which may import upward: it opens the engine. */
  private static final String ENTRY_POINT = ROOT + ".Db";

  /** The class which may read the clocks of the machine. */
  private static final String CLOCK_SEAM = ENGINE + ".runtime.SystemClock";

  /** The package that may create threads. */
  private static final String THREAD_SEAM = ENGINE + ".runtime";

  /** The parts of an open store, wired; only the package that wires them may know it. */
  private static final String HUB = ENGINE + ".EngineContext";

  /**
   * Layer of each package, and of its sub-packages that have no layer of their own. Packages of one
   * layer know no other of it.
   */
  private static final Map<String, Integer> LAYERS =
      Map.ofEntries(
          Map.entry(INTERNAL + "base", 0),
          Map.entry(ROOT, 1),
          Map.entry(FILE_SYSTEM, 2),
          Map.entry(INTERNAL + "key", 2),
          Map.entry(ROOT + ".operators", 2),
          Map.entry(ROOT + ".state", 3),
          Map.entry(INTERNAL + "iterator", 3),
          Map.entry(INTERNAL + "merge", 3),
          Map.entry(INTERNAL + "range", 3),
          Map.entry(INTERNAL + "record", 3),
          Map.entry(INTERNAL + "memtable", 4),
          Map.entry(INTERNAL + "wal", 4),
          Map.entry(INTERNAL + "table", 4),
          Map.entry(INTERNAL + "version", 5),
          Map.entry(INTERNAL + "compaction.pick", 6),
          Map.entry(INTERNAL + "compaction", 7),
          Map.entry(ENGINE + ".runtime", 8),
          Map.entry(ENGINE + ".family", 9),
          Map.entry(ENGINE + ".read", 10),
          Map.entry(ENGINE + ".write", 11),
          Map.entry(ENGINE + ".background", 12),
          Map.entry(ENGINE, 13));

  /** Packages whose classes form cycles still. This set may only shrink. */
  private static final Set<String> WITH_CYCLES = Set.of(ROOT, INTERNAL + "wal");

  private static final int MAX_CLASSES = 30;

  /** Packages with more classes, the public one apart from which there may be none in the end. */
  private static final Set<String> LARGE_PACKAGES = Set.of(ROOT);

  private static final Set<String> THREAD_FACTORIES =
      Set.of(
          "java.lang.Thread",
          "java.util.Timer",
          "java.util.concurrent.Executors",
          "java.util.concurrent.ForkJoinPool",
          "java.util.concurrent.ScheduledThreadPoolExecutor",
          "java.util.concurrent.ThreadPoolExecutor");

  private static final Set<String> ZONED_CLOCKS =
      Set.of(
          "java.time.Instant",
          "java.time.LocalDate",
          "java.time.LocalDateTime",
          "java.time.LocalTime",
          "java.time.OffsetDateTime",
          "java.time.ZonedDateTime");

  @ArchTest
  static final ArchRule EVERY_CLASS_HAS_A_LAYER =
      classes()
          .should(
              condition(
                  "live in a package of a layer",
                  (javaClass, events) -> {
                    if (layeredPackageOf(javaClass) == null) {
                      events.add(
                          SimpleConditionEvent.violated(
                              javaClass, javaClass.getName() + " is in a package of no layer"));
                    }
                  }))
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule IMPORTS_GO_DOWN_ONLY =
      classes()
          .should(
              condition(
                  "import from lower layers only",
                  (javaClass, events) ->
                      javaClass.getDirectDependenciesFromSelf().stream()
                          .filter(ArchitectureTest::goesUpOrSideways)
                          .forEach(
                              dependency ->
                                  events.add(
                                      SimpleConditionEvent.violated(
                                          dependency, dependency.getDescription())))))
          .because("a reader of one layer needs to know nothing but the layers under it")
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule NO_CYCLES_BETWEEN_PACKAGES =
      slices()
          .assignedFrom(new PackageSlices())
          .should()
          .beFreeOfCycles()
          .ignoreDependency(
              DescribedPredicate.describe("the entry point", ArchitectureTest::isEntryPoint),
              resideInAnyPackage(ENGINE + ".."))
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule ONLY_WIRING_KNOWS_THE_HUB =
      noClasses()
          .that()
          .resideOutsideOfPackage(ENGINE)
          .should()
          .dependOnClassesThat()
          .haveFullyQualifiedName(HUB)
          .because("each part holds only the collaborators that it uses")
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule FILES_ARE_REACHED_THROUGH_THE_FILE_SYSTEM_SEAM =
      noClasses()
          .that()
          .resideOutsideOfPackage(FILE_SYSTEM + "..")
          .should()
          .dependOnClassesThat(
              DescribedPredicate.describe("reach files", ArchitectureTest::reachesFiles))
          .because("tests crash, fill and break the file system through its seam")
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule THREADS_ARE_CREATED_THROUGH_THE_RUNTIME_SEAM =
      noClasses()
          .that()
          .resideOutsideOfPackage(THREAD_SEAM)
          .should(
              accessTargetWhere(
                  "create a thread, or run on one of the JVM's pools",
                  ArchitectureTest::createsThread))
          .orShould()
          .beAssignableTo(Thread.class)
          .because("the engine names, counts and joins every thread")
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule TIME_IS_READ_THROUGH_THE_CLOCK_SEAM =
      noClasses()
          .that()
          .doNotHaveFullyQualifiedName(CLOCK_SEAM)
          .should(accessTargetWhere("read a clock of the machine", ArchitectureTest::readsClock))
          .because("tests run on a virtual clock")
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule NOTHING_IS_KEPT_FOR_EACH_THREAD =
      noClasses()
          .should()
          .dependOnClassesThat()
          .areAssignableTo(ThreadLocal.class)
          .because("there may be many threads, and they live long; see StripedPool")
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule NO_JAVA_SERIALIZATION =
      noClasses()
          .should()
          .dependOnClassesThat()
          .haveFullyQualifiedName("java.io.ObjectInputStream")
          .because("the contents of files are untrusted")
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule NO_CLASS_IS_LOADED_BY_NAME =
      noClasses()
          .should(accessTargetWhere("load a class by name", ArchitectureTest::loadsClass))
          .because("a name in a file must never choose the code that runs")
          .allowEmptyShould(true);

  @ArchTest
  static void noCyclesAmongTheClassesOfAPackage(JavaClasses classes) {
    Map<String, List<Set<String>>> found = ClassCycles.byPackage(classes);
    Map<String, List<Set<String>>> others = new TreeMap<>(found);
    others.keySet().removeAll(WITH_CYCLES);
    assertEquals(Map.of(), others, "classes that need each other; see ClassCycles");
    assertEquals(WITH_CYCLES, found.keySet(), "packages without cycles are not to be excepted");
  }

  @ArchTest
  static void packagesAreSmall(JavaClasses classes) {
    Map<String, Integer> large = new TreeMap<>();
    classes.stream()
        .filter(javaClass -> !javaClass.getName().contains("$"))
        .filter(javaClass -> !javaClass.getSimpleName().equals("package-info"))
        .forEach(javaClass -> large.merge(javaClass.getPackageName(), 1, Integer::sum));
    large.values().removeIf(count -> count <= MAX_CLASSES);
    assertEquals(LARGE_PACKAGES, large.keySet(), "classes, at most " + MAX_CLASSES + ": " + large);
  }

  private static boolean goesUpOrSideways(Dependency dependency) {
    String from = layeredPackageOf(dependency.getOriginClass());
    String to = layeredPackageOf(dependency.getTargetClass());
    if (from == null || to == null || from.equals(to)) {
      return false;
    }
    if (isEntryPoint(dependency.getOriginClass()) && to.equals(ENGINE)) {
      return false;
    }
    return LAYERS.get(to) >= LAYERS.get(from);
  }

  private static boolean isEntryPoint(JavaClass javaClass) {
    return javaClass.getName().equals(ENTRY_POINT);
  }

  /** The key of {@link #LAYERS} for a class, or null if no layer holds it. */
  private static String layeredPackageOf(JavaClass javaClass) {
    String name = javaClass.getBaseComponentType().getPackageName();
    while (name.startsWith(INTERNAL) && !LAYERS.containsKey(name)) {
      name = name.substring(0, name.lastIndexOf('.'));
    }
    return LAYERS.containsKey(name) ? name : null;
  }

  private static boolean reachesFiles(JavaClass target) {
    JavaClass type = target.getBaseComponentType();
    String name = type.getName();
    return name.equals("java.nio.file.Files")
        || name.equals("java.nio.file.FileSystems")
        || name.equals("java.io.RandomAccessFile")
        || name.matches("java\\.io\\.File(InputStream|OutputStream|Reader|Writer)")
        || type.getPackageName().startsWith("java.nio.channels");
  }

  private static boolean createsThread(JavaAccess<?> access) {
    String owner = access.getTargetOwner().getName();
    String member = access.getTarget().getName();
    boolean creates = member.equals("<init>") || !owner.equals("java.lang.Thread");
    return (THREAD_FACTORIES.contains(owner) && creates)
        || (owner.equals("java.lang.Thread") && member.startsWith("of"))
        || (owner.equals("java.lang.ref.Cleaner") && member.equals("create"))
        || (owner.equals("java.util.concurrent.CompletableFuture") && member.endsWith("Async"))
        || (owner.startsWith("java.util.") && member.startsWith("parallel"));
  }

  private static boolean readsClock(JavaAccess<?> access) {
    String owner = access.getTargetOwner().getName();
    String member = access.getTarget().getName();
    return (owner.equals("java.lang.System")
            && (member.equals("currentTimeMillis") || member.equals("nanoTime")))
        || (ZONED_CLOCKS.contains(owner) && member.equals("now"))
        || (owner.equals("java.time.Clock")
            && (member.startsWith("system") || member.startsWith("tick")))
        || (owner.equals("java.util.Date") && member.equals("<init>"));
  }

  private static boolean loadsClass(JavaAccess<?> access) {
    JavaClass owner = access.getTargetOwner();
    String member = access.getTarget().getName();
    return (owner.getName().equals("java.lang.Class") && member.equals("forName"))
        || (owner.isAssignableTo(ClassLoader.class) && member.equals("loadClass"))
        || (owner.getName().equals("java.lang.invoke.MethodHandles$Lookup")
            && member.equals("findClass"));
  }

  /** A condition over calls, constructor calls and references to either. */
  private static ArchCondition<JavaClass> accessTargetWhere(
      String description, Predicate<JavaAccess<?>> matches) {
    return condition(
        description,
        (javaClass, events) ->
            javaClass.getAccessesFromSelf().stream()
                .filter(matches)
                .forEach(
                    access ->
                        events.add(
                            SimpleConditionEvent.satisfied(access, access.getDescription()))));
  }

  private static ArchCondition<JavaClass> condition(
      String description, BiConsumer<JavaClass, ConditionEvents> check) {
    return new ArchCondition<>(description) {
      @Override
      public void check(JavaClass javaClass, ConditionEvents events) {
        check.accept(javaClass, events);
      }
    };
  }

  /** Leaves out tests and fixtures, in whatever folder the build puts them. */
  static final class MainClasses implements ImportOption {
    @Override
    public boolean includes(Location location) {
      return !location.contains("/test-classes/");
    }
  }

  /** One slice for each package of a layer. */
  private static final class PackageSlices implements SliceAssignment {
    @Override
    public SliceIdentifier getIdentifierOf(JavaClass javaClass) {
      return javaClass.getPackageName().startsWith(ROOT)
          ? SliceIdentifier.of(javaClass.getPackageName())
          : SliceIdentifier.ignore();
    }

    @Override
    public String getDescription() {
      return "packages of the library";
    }
  }
}
