package io.lsmdb.internal.table;

import java.util.Locale;
import net.jpountz.lz4.LZ4Compressor;
import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4SafeDecompressor;

/**
 * LZ4 for blocks, by the native library where it loads without a warning, else in Java.
 *
 * <p>Thread-safe; one per process, chosen when the class loads. Both implementations write and read
 * the same format: the native one is lz4-java's, the other {@link JavaLz4Compressor} and {@link
 * JavaLz4Decompressor}, which measured twice as fast as that library's Java code.
 */
public final class Lz4Codec {
  /*
   * From JDK 24 on, loading a native library prints a warning unless the launcher granted native
   * access to the module that loads it. A library must not print, so the native codec is used there
   * only with that grant. Module.isNativeAccessEnabled exists since 22, hence the reflection. The
   * library's "unsafe" instance would warn as well and is never touched: since version 1.10 it is
   * no faster than the safe one.
   */

  /**
   * System property that overrides the choice: {@code auto} (default), {@code native}, {@code
   * java}.
   */
  public static final String PROPERTY = "io.lsmdb.lz4";

  private static final int FIRST_WARNING_RELEASE = 24;
  private static final Lz4Codec INSTANCE = choose(System.getProperty(PROPERTY, "auto"));

  private final LZ4Compressor nativeCompressor; // null: in Java
  private final LZ4SafeDecompressor nativeDecompressor; // null: in Java

  private Lz4Codec(LZ4Compressor nativeCompressor, LZ4SafeDecompressor nativeDecompressor) {
    this.nativeCompressor = nativeCompressor;
    this.nativeDecompressor = nativeDecompressor;
  }

  /** Compresses block after block. Not thread-safe. */
  @FunctionalInterface
  interface Compressor {
    /**
     * Compresses.
     *
     * @param from the input
     * @param length how many of its bytes
     * @param to the target, with room for {@link Lz4Codec#bound}
     * @return bytes written from the target's start
     */
    int compress(byte[] from, int length, byte[] to);
  }

  /**
   * The codec of this process.
   *
   * @return the one chosen when the class was loaded
   */
  public static Lz4Codec instance() {
    return INSTANCE;
  }

  /**
   * Which implementation runs.
   *
   * @return {@code native} or {@code java}
   */
  public static String implementation() {
    return INSTANCE.nativeCompressor == null ? "java" : "native";
  }

  /**
   * The codec in Java.
   *
   * @return a new instance
   */
  static Lz4Codec java() {
    return new Lz4Codec(null, null);
  }

  /**
   * A codec by native code, whatever the JDK prints about it.
   *
   * @return a new instance, or the Java one where the platform has no such library
   */
  static Lz4Codec nativeOrJava() {
    try {
      LZ4Factory factory = LZ4Factory.nativeInstance();
      return new Lz4Codec(factory.fastCompressor(), factory.safeDecompressor());
    } catch (LinkageError | RuntimeException unavailable) {
      return java();
    }
  }

  private static Lz4Codec choose(String setting) {
    return switch (setting.toLowerCase(Locale.ROOT)) {
      case "java" -> java();
      case "native" -> nativeOrJava();
      default -> loadsSilently() ? nativeOrJava() : java();
    };
  }

  private static boolean loadsSilently() {
    if (Runtime.version().feature() < FIRST_WARNING_RELEASE) {
      return true;
    }
    try {
      Module loader = LZ4Factory.class.getModule();
      return (boolean) Module.class.getMethod("isNativeAccessEnabled").invoke(loader);
    } catch (ReflectiveOperationException unknown) {
      return false;
    }
  }

  /**
   * The most bytes that compressing can take.
   *
   * @param length bytes of input
   * @return bytes of output at worst
   */
  static int bound(int length) {
    return JavaLz4Compressor.bound(length);
  }

  /**
   * A compressor for blocks that one thread writes.
   *
   * @return a new one; it needs no closing
   */
  Compressor newCompressor() {
    LZ4Compressor library = nativeCompressor;
    return library == null
        ? new JavaLz4Compressor()::compress
        : (from, length, to) -> library.compress(from, 0, length, to, 0, to.length);
  }

  /**
   * Decompresses into an array of the exact size.
   *
   * @param from the input, which may be hostile
   * @param offset where it starts
   * @param length its length in bytes
   * @param to filled from its start
   * @param expected how many bytes must come out
   * @return false if the input is damaged or yields another number of bytes
   */
  boolean decompress(byte[] from, int offset, int length, byte[] to, int expected) {
    if (nativeDecompressor == null) {
      return JavaLz4Decompressor.decompress(from, offset, length, to, expected);
    }
    try {
      return nativeDecompressor.decompress(from, offset, length, to, 0, expected) == expected;
    } catch (LZ4Exception | IndexOutOfBoundsException damaged) {
      return false;
    }
  }
}
