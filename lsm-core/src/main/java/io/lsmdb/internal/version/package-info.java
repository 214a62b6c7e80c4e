/**
 * Which tables make up each family, now and durably.
 *
 * <p>A {@link io.lsmdb.internal.version.Version} holds the tables of one family at one moment; a
 * {@link io.lsmdb.internal.version.VersionEdit} is one atomic change; {@link
 * io.lsmdb.internal.version.VersionSet} writes edits to the manifest and publishes what they lead
 * to. Reading order: {@code VersionSet}, {@code StoreStateBuilder}, {@code ManifestLog}, {@code
 * PublishedState}, {@code TableReferences}. The format is docs/manifest-format.md.
 */
package io.lsmdb.internal.version;
