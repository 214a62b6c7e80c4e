/**
 * Ready-made merge operators: counters, minimum and maximum, lists, aggregates.
 *
 * <p>Each comes with the encoding of its values. They are written with the public API alone, and
 * may serve as examples for operators of one's own.
 */
@NullMarked
package io.lsmdb.operators;

import org.jspecify.annotations.NullMarked;
