package io.lsmdb.internal.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.DbLockedException;
import java.io.File;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The lock against other class loaders and other processes. */
@Timeout(60)
class NioLockTest {
  @TempDir Path dir;
  private final FileSystem fs = new NioFileSystem();

  /** Tries the lock in a process of its own; prints "free", or the refusal. */
  static final class Child {
    private Child() {}

    public static void main(String[] args) throws IOException {
      try (FileSystem.AutoLock lock = new NioFileSystem().lock(Path.of(args[0]))) {
        System.out.println("free");
        if (args.length > 1) {
          System.out.flush();
          int end = System.in.read();
          System.out.println(end + " " + lock);
        }
      } catch (DbLockedException e) {
        System.out.println(e.getMessage());
      }
    }
  }

  private Path lockFile() {
    return dir.resolve("LOCK");
  }

  private Process child(String... more) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xshare:auto", "-XX:TieredStopAtLevel=1", "-cp", classPath()));
    command.addAll(List.of(Child.class.getName(), lockFile().toString()));
    command.addAll(List.of(more));
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  private static String classPath() {
    return String.join(
        File.pathSeparator, location(NioFileSystem.class), location(NioLockTest.class));
  }

  private static String location(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
    } catch (java.net.URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  private String askChild() throws Exception {
    Process process = child();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(process.waitFor(30, TimeUnit.SECONDS), "the child process ends");
    return said.trim();
  }

  @Test
  void r42_anotherProcessIsRefusedWhileTheLockIsHeld() throws Exception {
    FileSystem.AutoLock lock = fs.lock(lockFile());
    String said = askChild();
    assertTrue(said.contains("held by another process"), said);
    lock.close();
    assertEquals("free", askChild());
  }

  @Test
  void r42_aLockHeldByAnotherProcessIsRefusedHere() throws Exception {
    Process process = child("wait");
    assertEquals("free", process.inputReader().readLine());
    DbLockedException e = assertThrows(DbLockedException.class, () -> fs.lock(lockFile()));
    assertTrue(e.getMessage().contains("another process"), e.getMessage());
    process.destroyForcibly();
    assertTrue(process.waitFor(30, TimeUnit.SECONDS));
    fs.lock(lockFile()).close();
  }

  @Test
  void r42_refusedAttemptsInThisProcessDoNotDropTheLock() throws Exception {
    FileSystem.AutoLock lock = fs.lock(lockFile());
    assertThrows(DbLockedException.class, () -> fs.lock(lockFile()));
    assertThrows(DbLockedException.class, () -> fs.openForRead(lockFile()));
    assertThrows(DbLockedException.class, () -> fs.map(lockFile(), 0));
    assertEquals(0, fs.size(lockFile()));
    assertTrue(askChild().contains("held by another process"));
    lock.close();
  }

  @Test
  void r42_theLockSurvivesReplacedSystemProperties() throws Exception {
    Properties before = System.getProperties();
    FileSystem.AutoLock lock = fs.lock(lockFile());
    try {
      Properties others = new Properties();
      before.stringPropertyNames().stream()
          .filter(name -> !name.startsWith("io.lsmdb."))
          .forEach(name -> others.setProperty(name, before.getProperty(name)));
      System.setProperties(others);
      assertThrows(DbLockedException.class, () -> fs.lock(lockFile()));
      assertTrue(askChild().contains("held by another process"), "not dropped by the attempt");
    } finally {
      System.setProperties(before);
      lock.close();
    }
  }

  @Test
  void r42_anotherClassLoaderIsRefused() throws Exception {
    URL[] urls = {Path.of(location(NioFileSystem.class)).toUri().toURL()};
    FileSystem.AutoLock lock = fs.lock(lockFile());
    try (URLClassLoader loader = new URLClassLoader(urls, ClassLoader.getPlatformClassLoader())) {
      Class<?> type = loader.loadClass(NioFileSystem.class.getName());
      assertFalse(type == NioFileSystem.class, "loaded a second time");
      Object other = type.getConstructor().newInstance();
      InvocationTargetException e =
          assertThrows(
              InvocationTargetException.class,
              () -> type.getMethod("lock", Path.class).invoke(other, lockFile()));
      assertEquals(DbLockedException.class.getName(), e.getCause().getClass().getName());
      assertTrue(e.getCause().getMessage().contains("this process"));
      assertTrue(askChild().contains("held by another process"), "not dropped by the attempt");
      lock.close();
      Object taken = type.getMethod("lock", Path.class).invoke(other, lockFile());
      assertThrows(DbLockedException.class, () -> fs.lock(lockFile()));
      ((AutoCloseable) taken).close();
    }
    fs.lock(lockFile()).close();
  }

  @Test
  void anEntryInheritedFromAnotherProcessMeansNothing() throws IOException {
    String name = "io.lsmdb.lock." + dir.toRealPath().resolve("LOCK");
    System.setProperty(name, "0 main");
    FileSystem.AutoLock lock = fs.lock(lockFile());
    assertThrows(DbLockedException.class, () -> fs.lock(lockFile()));
    lock.close();
    assertSame(null, System.getProperty(name));
  }

  @Test
  void everyPropertyIsTextAndGoesWithTheLock() {
    FileSystem.AutoLock lock = fs.lock(lockFile());
    assertEquals(
        System.getProperties().size(), System.getProperties().stringPropertyNames().size());
    String own =
        System.getProperties().stringPropertyNames().stream()
            .filter(name -> name.startsWith("io.lsmdb.lock."))
            .findFirst()
            .orElse(null);
    assertNotNull(own);
    lock.close();
    assertSame(null, System.getProperty(own));
  }

  @Test
  void aFailedAttemptLeavesNothingBehind() throws IOException {
    Files.createDirectory(lockFile());
    assertThrows(io.lsmdb.StorageException.class, () -> fs.lock(lockFile()));
    Files.delete(lockFile());
    fs.lock(lockFile()).close();
  }
}
