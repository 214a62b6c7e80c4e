package io.lsmdb.bench.compare;

import io.lsmdb.bench.compare.Message.Kind;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The hidden subcommand that {@link CompareCommand} runs in child JVMs. */
@Command(name = WorkerCommand.NAME, hidden = true)
public final class WorkerCommand implements Callable<Integer> {
  static final String NAME = "compare-worker";

  /** Begins the reason when an engine cannot be used here, through no fault of its own. */
  static final String UNAVAILABLE = "unavailable: ";

  @Spec private CommandSpec spec;

  @Parameters(index = "0", converter = EngineName.Converter.class)
  private EngineName engine;

  @Parameters(index = "1")
  private Path directory;

  @Mixin private PlanOptions plan;

  /** Used by the command line. */
  public WorkerCommand() {}

  @Override
  public Integer call() throws Exception {
    return work(
        spec, engine, directory, plan, out -> new Worker(engine, plan, directory, out).run());
  }

  /** What a child JVM does, telling it to its parent. */
  @FunctionalInterface
  interface Work {
    void run(Consumer<Message> out) throws Exception;
  }

  /** Does the work if the engine can be opened here; an exit code. */
  static int work(
      CommandSpec spec, EngineName engine, Path directory, StoreOptions options, Work work)
      throws Exception {
    PrintWriter out = spec.commandLine().getOut();
    Consumer<Message> messages =
        message -> {
          out.println(message.line());
          out.flush();
        };
    String obstacle = tryToOpen(engine, directory, options, messages);
    if (obstacle != null) {
      messages.accept(Message.of(Kind.UNAVAILABLE, UNAVAILABLE + obstacle));
      return 0;
    }
    try {
      work.run(messages);
    } catch (Exception | LinkageError | OutOfMemoryError e) {
      messages.accept(Message.of(Kind.FAILED, describe(e)));
      e.printStackTrace(spec.commandLine().getErr());
      return 1;
    }
    return 0;
  }

  /** Why the engine cannot be used here; null when it can. */
  private static String tryToOpen(
      EngineName engine, Path directory, StoreOptions options, Consumer<Message> messages)
      throws Exception {
    if (!engine.isOn(WorkerCommand.class.getClassLoader())) {
      return "not on the class path (" + engine.artifact() + ")";
    }
    Path store = Files.createDirectory(directory.resolve("probe"));
    try (BenchEngine opened = engine.opener().open(store, options.engineSettings(Merging.NONE))) {
      opened.facts().forEach((name, text) -> messages.accept(Message.of(Kind.FACT, name, text)));
      return null;
    } catch (Exception | LinkageError e) {
      return "cannot be loaded: " + describe(e);
    }
  }

  private static String describe(Throwable e) {
    return e.getMessage() == null
        ? e.getClass().getSimpleName()
        : e.getClass().getSimpleName() + ": " + e.getMessage();
  }
}
