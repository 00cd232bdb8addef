/**
 * When a file may be read or written by a blocking call. A file that was written a moment ago is in the system's memory,
 * where a small call takes less processor time than its way through Node's thread pool (6 µs against 70 µs for 3 KB, Linux).
 */

/** Bytes up to which one read or write may block: well below a millisecond where the system has them in memory. */
export const BLOCKING_BYTES = 256 * 1024;

/** Bytes that blocking calls may move in one turn of the event loop, and what a call counts whatever it moves. */
const TURN_BYTES = 1024 * 1024;
const CALL_BYTES = 4096;

let left = TURN_BYTES;

/**
 * Whether a read or write of so many bytes may block, and counts it if so: for a process that serves many at once. All that
 * block together in one turn of the event loop move at most 1 MB, which is a third of a millisecond from memory; what is
 * beyond goes through the pool, so that others have their turn.
 */
export function mayBlock(bytes: number): boolean {
  const cost = bytes + CALL_BYTES;
  if (bytes > BLOCKING_BYTES || cost > left) return false;
  if (left === TURN_BYTES) {
    setImmediate(() => {
      left = TURN_BYTES;
    });
  }
  left -= cost;
  return true;
}
