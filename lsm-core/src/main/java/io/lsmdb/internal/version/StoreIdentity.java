package io.lsmdb.internal.version;

/**
 * What tells a store from others, in one of its openings.
 *
 * @param databaseHigh upper half of the store's id
 * @param databaseLow lower half of the store's id
 * @param session id of this opening, not 0
 */
record StoreIdentity(long databaseHigh, long databaseLow, long session) {}
