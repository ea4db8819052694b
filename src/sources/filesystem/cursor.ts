// Where reading stands: which look this is, and whether the rows of state are all that the last one saw.
import { z } from 'zod';

export const cursor = z.strictObject({
  v: z.literal(1),
  /** Counts looks that found something: the version of every event of it. */
  look: z.int().min(0),
  /** That look is not finished: whoever reads on goes on with it, so that a change has one name whoever tells it. */
  open: z.boolean(),
  /** Events so far: each chunk moves the position. */
  told: z.int().min(0),
  /** No look was ever finished: what is found may be of any age. */
  first: z.boolean(),
  /** A hash over all rows of state, when they are just what a look found; null when a look must compare. */
  seal: z.string().nullable(),
  /** When some file is to be read again although nothing moved (option rehashHours); Unix milliseconds. */
  due: z.number().nullable(),
  /** Since when files that are being written are waited for; Unix milliseconds. */
  since: z.number().nullable(),
  /** The folder that was read: inode and birth. */
  root: z.strictObject({ body: z.string(), gone: z.boolean() }).nullable(),
});
export type Cursor = z.infer<typeof cursor>;

export const initialCursor: Cursor = {
  v: 1,
  look: 0,
  open: false,
  told: 0,
  first: true,
  seal: null,
  due: null,
  since: null,
  root: null,
};
