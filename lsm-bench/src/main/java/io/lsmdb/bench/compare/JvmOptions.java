package io.lsmdb.bench.compare;

import io.lsmdb.bench.ByteSize;
import io.lsmdb.bench.UserErrorException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/**
 * How the JVMs of the engines are started, and where.
 *
 * <p>Not thread-safe.
 */
final class JvmOptions {
  @Option(
      names = "--engines",
      paramLabel = "NAME",
      split = ",",
      converter = EngineName.Converter.class,
      defaultValue = "lsmdb,rocksdb",
      description =
          "lsmdb, rocksdb, rocksdb-hash, rocksdb-flink, rocksdb-kafka-streams, leveldb, mvstore,"
              + " lmdb, xodus. Default: ${DEFAULT-VALUE}.")
  List<EngineName> engines;

  @Option(
      names = "--heap",
      paramLabel = "SIZE",
      converter = ByteSize.class,
      description = "Heap of every JVM. Default: 2g; of endurance 512m.")
  long heap;

  @Option(
      names = "--peer-jars",
      paramLabel = "DIR",
      description = "A directory with the jars of other stores.")
  private Path peerJars;

  @Option(
      names = "--directory",
      paramLabel = "DIR",
      description = "Where the stores live. Default: a temporary directory.")
  private Path directory;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the results there.")
  private Path json;

  @Option(names = "--html", paramLabel = "FILE", description = "Write a page with charts there.")
  private Path html;

  JvmOptions(long heap) {
    this.heap = heap;
  }

  /** Fails unless all can be done; the cache lies in the heap. */
  void check(long cache) {
    if (heap < 256L << 20) {
      throw new UserErrorException("--heap must be at least 256m");
    }
    if (cache > heap / 2) {
      throw new UserErrorException("--cache must be at most half of --heap: it lies there");
    }
    if (new LinkedHashSet<>(engines).size() < engines.size()) {
      throw new UserErrorException("--engines names an engine twice");
    }
    if (peerJars != null && !Files.isDirectory(peerJars)) {
      throw new UserErrorException("--peer-jars: " + peerJars + " is not a directory");
    }
    for (Path file : Stream.of(json, html).filter(f -> f != null).toList()) {
      checkWritable(file);
    }
  }

  /** Fails unless a file can be written. */
  static void checkWritable(Path file) {
    Path parent = file.toAbsolutePath().getParent();
    if (Files.isDirectory(file) || !Files.isWritable(parent)) {
      throw new UserErrorException("cannot write " + file);
    }
  }

  /** A new directory for the stores, which the caller removes. */
  Path newDirectory(String prefix) throws IOException {
    return directory == null
        ? Files.createTempDirectory("lsmdb-" + prefix)
        : Files.createTempDirectory(Files.createDirectories(directory), prefix);
  }

  /** Starts a JVM with a hidden subcommand. */
  ChildJvm start(List<String> arguments) throws IOException {
    return ChildJvm.start(heap, classPath(), arguments);
  }

  private String classPath() throws IOException {
    StringBuilder path = new StringBuilder(System.getProperty("java.class.path"));
    if (peerJars != null) {
      try (Stream<Path> files = Files.list(peerJars)) {
        files
            .filter(file -> file.toString().endsWith(".jar"))
            .sorted()
            .forEach(jar -> path.append(File.pathSeparator).append(jar.toAbsolutePath()));
      }
    }
    return path.toString();
  }

  /** Writes the results where it was asked for. */
  void write(String jsonText, String htmlText) throws IOException {
    if (json != null) {
      Files.writeString(json, jsonText);
    }
    if (html != null) {
      Files.writeString(html, htmlText);
    }
  }
}
