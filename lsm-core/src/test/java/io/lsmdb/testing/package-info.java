/**
 * File systems for tests: one in memory that can crash, one that fails on request.
 *
 * <p>Published as the test archive of the library.
 */
package io.lsmdb.testing;
