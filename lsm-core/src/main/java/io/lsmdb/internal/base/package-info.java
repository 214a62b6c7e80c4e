/**
 * What every other package builds on: bytes compared as unsigned numbers, variable-length integers,
 * checksums that depend on the place of what they cover, and the encoding of batches.
 *
 * <p>Imports nothing of the library.
 */
package io.lsmdb.internal.base;
