// What is shown of a long text where a narrow terminal has no room for all of it. Nothing else is ever shortened: a pipe and
// --json have it whole.

import { cutTo } from './text-width.js';

/** The id of a git object as git itself shortens it: enough to tell it apart in all but the largest repositories. */
export function shortId(text: string): string {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text) ? text.slice(0, 10) : text;
}

/** For the column of ids that people go on to type: most are shorter, and are shown whole. */
export const idLeast = 24;

/** For the column of a time: whole, without its seconds, or its day. */
export const timeStops = [10, 16, 19] as const;

/** `2026-01-31 12:00:05` without its seconds, or as its day. What is no time is cut as any other text. */
export function shortTime(text: string, cells: number): string {
  if (!/^\d{4}-\d\d-\d\d/.test(text)) return cutTo(text, cells);
  if (cells >= 16) return text.slice(0, 16);
  return text.slice(0, Math.min(10, cells));
}
