package io.lsmdb.internal.fs;

import io.lsmdb.DbLockedException;
import io.lsmdb.StorageException;
import io.lsmdb.StorageException.Reason;
import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The {@link FileSystem} of the platform, for paths of the default provider.
 *
 * <p>Thread-safe and stateless.
 *
 * <p>How it withstands interrupts: {@code FileChannel} closes itself when a thread inside it is
 * interrupted, under every other thread that uses it. Writing therefore goes through {@link
 * RandomAccessFile}, directories and the lock file through {@link AsynchronousFileChannel} (its
 * {@code force} and {@code tryLock} run in the calling thread and ignore interrupts), and reading
 * through a channel that is opened again.
 *
 * <ol>
 *   <li>Files are created with mode 0600 and directories with 0700, at creation, where the platform
 *       has such modes.
 *   <li>The type of a file is checked before it is opened, since opening a named pipe would wait
 *       for its other end. The directory is private to its owner, so that nobody else can come
 *       between.
 *   <li>Where directories cannot be forced (Windows), {@link #forceDirectory} does nothing.
 * </ol>
 */
public final class NioFileSystem implements FileSystem {
  /**
   * Types, in lower case, on which overwriting a written block needs no new block, and where a file
   * can be cut and renamed while it is mapped, which Windows refuses.
   */
  private static final Set<String> OVERWRITE_IN_PLACE =
      Set.of("ext2", "ext3", "ext4", "xfs", "tmpfs");

  private static final FileAttribute<?>[] NO_ATTRIBUTES = {};
  private static final FileAttribute<?>[] FILE_MODE = {
    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
  };
  private static final FileAttribute<?>[] DIRECTORY_MODE = {
    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))
  };

  /** Creates the platform's file system. */
  public NioFileSystem() {}

  @Override
  public void createDirectories(Path directory) {
    requireDefault(directory);
    try {
      createDirectoriesDownTo(directory.toAbsolutePath().normalize());
    } catch (IOException e) {
      throw NioErrors.translateWrite("create directory", directory, e);
    }
  }

  private void createDirectoriesDownTo(Path directory) throws IOException {
    if (Files.isDirectory(directory)) {
      return;
    }
    Path parent = directory.getParent();
    if (parent != null) {
      createDirectoriesDownTo(parent);
    }
    try {
      Files.createDirectory(directory, isPosix(directory) ? DIRECTORY_MODE : NO_ATTRIBUTES);
    } catch (FileAlreadyExistsException e) {
      if (!Files.isDirectory(directory)) {
        throw NioErrors.wrongType("create directory", directory);
      }
      return;
    }
    if (parent != null) {
      forceDirectory(parent);
    }
  }

  @Override
  public Path realPath(Path directory) {
    try {
      return directory.toRealPath();
    } catch (IOException e) {
      throw NioErrors.translate("resolve", directory, e);
    }
  }

  @Override
  public boolean exists(Path path) {
    requireDefault(path);
    try {
      Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      return true;
    } catch (NoSuchFileException e) {
      return false;
    } catch (IOException e) {
      StorageException failure = NioErrors.translate("look for", path, e);
      if (failure.reason() == Reason.WRONG_FILE_TYPE) {
        return false; // its parent is a file, so that nothing can stand there
      }
      throw failure;
    }
  }

  @Override
  public WritableFile create(Path file) {
    try {
      Files.createFile(file, isPosix(file) ? FILE_MODE : NO_ATTRIBUTES);
    } catch (IOException e) {
      throw NioErrors.translateWrite("create", file, e);
    }
    try {
      return new NioWritableFile(file, new RandomAccessFile(file.toFile(), "rw"));
    } catch (IOException e) {
      StorageException failure = NioErrors.translateWrite("create", file, e);
      try {
        Files.delete(file);
      } catch (IOException again) {
        failure.addSuppressed(again);
      }
      throw failure;
    }
  }

  @Override
  public ReadableFile openForRead(Path file) {
    refuseHeldLock("open", file);
    return NioReadableFile.open(file);
  }

  @Override
  public MappedFile map(Path file, int size) {
    refuseHeldLock("map", file);
    return NioMappedFile.open(file, size, false);
  }

  @Override
  public MappedFile mapGrowing(Path file, int capacity) {
    refuseHeldLock("map", file);
    return NioMappedFile.open(file, capacity, true);
  }

  @Override
  public void rename(Path from, Path to) {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw NioErrors.translateWrite("rename", from, e);
    }
  }

  @Override
  public void delete(Path file) {
    try {
      if (NioFiles.attributesOf(file).isDirectory()) {
        throw NioErrors.wrongType("delete", file);
      }
      Files.delete(file);
    } catch (IOException e) {
      throw NioErrors.translate("delete", file, e);
    }
  }

  @Override
  public void link(Path existing, Path link) {
    try {
      NioFiles.requireRegular("link", existing);
      Files.createLink(link, existing);
    } catch (UnsupportedOperationException e) {
      throw new StorageException("link", link.toString(), Reason.CROSS_DEVICE, e);
    } catch (IOException e) {
      throw NioErrors.translateLink(link, e);
    }
  }

  @Override
  public long size(Path file) {
    try {
      return NioFiles.requireRegular("read the size of", file).size();
    } catch (IOException e) {
      throw NioErrors.translate("read the size of", file, e);
    }
  }

  @Override
  public List<String> list(Path directory) {
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
      for (Path path : stream) {
        names.add(path.getFileName().toString());
      }
      return names;
    } catch (DirectoryIteratorException e) {
      throw NioErrors.translate("list", directory, e.getCause());
    } catch (IOException e) {
      throw NioErrors.translate("list", directory, e);
    }
  }

  @Override
  public void forceDirectory(Path directory) {
    try {
      if (!Files.readAttributes(directory, BasicFileAttributes.class).isDirectory()) {
        throw NioErrors.wrongType("force directory", directory);
      }
      if (!isPosix(directory)) {
        return;
      }
      try (AsynchronousFileChannel channel =
          AsynchronousFileChannel.open(directory, StandardOpenOption.READ)) {
        channel.force(true);
      }
    } catch (IOException e) {
      throw NioErrors.translateWrite("force directory", directory, e);
    }
  }

  @Override
  public AutoLock lock(Path file) {
    return NioLock.acquire(file, isPosix(file) ? FILE_MODE : NO_ATTRIBUTES);
  }

  @Override
  public long freeSpace(Path directory) {
    File file = directory.toFile();
    if (file.getTotalSpace() <= 0) {
      throw new StorageException(
          "read the free space of",
          directory.toString(),
          file.exists() ? Reason.IO : Reason.NOT_FOUND,
          null);
    }
    return file.getUsableSpace();
  }

  @Override
  public boolean reservesByZeroFill(Path directory) {
    try {
      String type = Files.getFileStore(directory).type();
      return OVERWRITE_IN_PLACE.contains(type.toLowerCase(Locale.ROOT));
    } catch (FileSystemException e) {
      throw NioErrors.translate("read the file system type of", directory, e);
    } catch (IOException e) {
      return false; // the mount is not visible, as in some containers: an unknown file system
    }
  }

  private static void requireDefault(Path path) {
    if (path.getFileSystem() != FileSystems.getDefault()) {
      throw new IllegalArgumentException(
          "the path "
              + path.toUri()
              + " is of another file system than the platform's, which has no files that can be"
              + " locked, forced and mapped; give a path of FileSystems.getDefault()");
    }
  }

  private static void refuseHeldLock(String operation, Path file) {
    Path name = file.getFileName();
    if (name == null || !name.toString().equals(FileNames.LOCK)) {
      return;
    }
    try {
      if (NioLock.isHeld(file)) {
        throw new DbLockedException(
            "cannot "
                + operation
                + " "
                + file
                + ": this process holds its lock, which closing a second descriptor would drop");
      }
    } catch (IOException e) {
      throw NioErrors.translate(operation, file, e);
    }
  }

  private static boolean isPosix(Path path) {
    return path.getFileSystem().supportedFileAttributeViews().contains("posix");
  }
}
