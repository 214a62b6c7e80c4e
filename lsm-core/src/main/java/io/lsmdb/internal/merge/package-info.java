/**
 * Merge operands: how they are stored, and how they are folded by a column family's operator.
 *
 * <p>Reads, flushes and compactions gather the versions of a key each in its own way; what they
 * gathered is folded here.
 */
package io.lsmdb.internal.merge;
