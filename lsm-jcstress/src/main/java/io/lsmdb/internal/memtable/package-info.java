/** Stress tests of what readers of a memtable may see while its one writer adds to it. */
package io.lsmdb.internal.memtable;
