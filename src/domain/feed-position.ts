// A place in the commit feed: what stands before it has been seen. `12.34` is the event of ordinal 34 of commit 12, `12` all of
// commit 12, `0` nothing. Commits are read in the order of their numbers, events of one in the order of their ordinals.

export interface FeedPosition {
  readonly number: number;
  readonly ordinal: number;
}

/** The ordinal behind every event of a commit: Postgres's largest integer. */
const behindAll = 2_147_483_647;

export const feedStart: FeedPosition = { number: 0, ordinal: behindAll };

export function wholeCommit(number: number): FeedPosition {
  return { number, ordinal: behindAll };
}

export function isWhole({ ordinal }: FeedPosition): boolean {
  return ordinal === behindAll;
}

export function isAfter(one: FeedPosition, other: FeedPosition): boolean {
  return one.number > other.number || (one.number === other.number && one.ordinal > other.ordinal);
}

export function positionText(position: FeedPosition): string {
  return isWhole(position) ? String(position.number) : `${position.number}.${position.ordinal}`;
}

/** Undefined for what is none. Fifteen digits stay exact in a double. */
export function parsePosition(text: string): FeedPosition | undefined {
  const [, number, ordinal] = /^(\d{1,15})(?:\.(\d{1,9}))?$/.exec(text) ?? [];
  if (number === undefined) return undefined;
  return ordinal === undefined ? wholeCommit(Number(number)) : { number: Number(number), ordinal: Number(ordinal) };
}
