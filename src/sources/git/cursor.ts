import { z } from 'zod';

/** Object ids of either hash; walk ids are 16 hex digits. */
const id = z.string().regex(/^[0-9a-f]{16,64}$/);

export const cursor = z.strictObject({
  v: z.literal(1),
  /** The frozen walk that is being read; null between walks. */
  walk: id.nullable(),
  /** Commits and notes of the walk that were read. */
  at: z.int().min(0),
  /** The last commit that was read. */
  after: id.nullable(),
  /** Parts read of the commit at `at`, where it was too long for one record. */
  part: z.int().min(1).optional(),
  /** Where this run stops (option maxCommits). */
  stop: z.int().min(1).optional(),
  /** Number of the last ref change that was told. A ref that comes and goes leaves no row, so it is counted here. */
  changes: z.int().min(1).optional(),
  /** When the tips were asked for that this walk, or the last one, ends with: RFC 3339. Never earlier than the walk before. */
  seen: z.string().optional(),
});
export type Cursor = z.infer<typeof cursor>;

export const initialCursor: Cursor = { v: 1, walk: null, at: 0, after: null };
