/**
 * Internal keys: a user key with the sequence number and kind of one of its versions, and the order
 * that puts the newest version of a key first.
 */
package io.lsmdb.internal.key;
