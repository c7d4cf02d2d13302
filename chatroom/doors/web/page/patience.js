/** Waiting, but not longer than a person would: what is shown together waits for what it needs, and at most so long. */

const LONGEST = 1000; // ms

/**
 * Wait until this is done, or for a second.
 * @param {Promise<void>} done never fails
 */
export function patiently(done) {
  return Promise.race([done, new Promise((end) => setTimeout(end, LONGEST))]);
}
