package io.lsmdb;

/**
 * A key with its value, both copies that belong to the caller.
 *
 * @param key the key, never null
 * @param value the value, never null
 */
public record Entry(byte[] key, byte[] value) {}
