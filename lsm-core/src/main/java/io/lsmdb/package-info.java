/**
 * The public API of lsmdb, an embeddable key-value store: it keeps sorted keys and values in one
 * directory, in a log-structured merge tree written in pure Java.
 */
@NullMarked
package io.lsmdb;

import org.jspecify.annotations.NullMarked;
