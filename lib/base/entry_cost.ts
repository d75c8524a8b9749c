/**
 * Bytes that whatever waits in a queue counts for, beside its own: the objects around
 * it take memory too, however short it is. An empty message that waits for a worker
 * takes 250 bytes, and so does one of three bytes in a slow client's queue.
 */
export const ENTRY_COST = 256;
