/** Stress tests of what the library takes for granted of the memory model. */
package io.lsmdb.jcstress;
