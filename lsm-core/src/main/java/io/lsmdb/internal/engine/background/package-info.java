/** Background work: flushes, compactions, deletion of files, timers. */
package io.lsmdb.internal.engine.background;
