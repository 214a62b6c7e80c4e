/**
 * Fixtures for tests of code that embeds lsmdb. They are published as the test-jar of {@code
 * lsm-core}, for use on the class path.
 */
package io.lsmdb.testing;
