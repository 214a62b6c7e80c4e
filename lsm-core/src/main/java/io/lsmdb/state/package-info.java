/**
 * Typed views of state in column families: a value, a map, a list or an aggregate per key.
 *
 * <p>They are written with the public API alone and add nothing to it but the layout of keys, which
 * is documented and stays: what a view writes may be read with {@code get} and cursors.
 */
@NullMarked
package io.lsmdb.state;

import org.jspecify.annotations.NullMarked;
