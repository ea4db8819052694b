// How long a worker that says nothing is still taken for one that works.

/** A worker says this often that it is there. */
export const workerSeenEveryMs = 5_000;
/** Three times in a row it did not: it is gone, or cannot reach the database. */
export const workerGoneSeconds = 15;
/** The row of one that was killed. */
export const workerForgottenSeconds = 3_600;
