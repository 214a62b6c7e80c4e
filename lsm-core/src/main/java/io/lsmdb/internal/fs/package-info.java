/**
 * The only way to files: {@link io.lsmdb.internal.fs.FileSystem} with its NIO implementation, and
 * the names of the files of a store.
 *
 * <p>Errors of the platform become a {@link io.lsmdb.StorageException} here and nowhere else; tests
 * put a file system in memory in its place, which can crash.
 */
package io.lsmdb.internal.fs;
