// Fields of what Slack sends, none of which can be relied on: of another type than expected, a field is not there.
import type { Json, JsonObject } from '../../domain/event.js';

export function textOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function numberOf(value: Json | undefined): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

export function objectOf(value: Json | undefined): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
}

export function objectsOf(value: Json | undefined, max: number): JsonObject[] {
  if (!Array.isArray(value)) return [];
  return value
    .slice(0, max)
    .map(objectOf)
    .filter((item) => item !== undefined);
}

/** True, or left out: Slack leaves out what is false in one place and says it in another. */
export function yes(value: Json | undefined): true | undefined {
  return value === true ? true : undefined;
}

/** Whether there is anything in it, two levels down: slackdump writes empty values where Slack writes none. */
export function isEmpty(value: Json | undefined, levels = 2): boolean {
  if (value === undefined || value === null || value === '' || value === false) return true;
  return typeof value === 'object' && levels > 0 && Object.values(value).every((item) => isEmpty(item, levels - 1));
}

const exportToken = /([?&])t=(?:xox[a-z]-[\w%.-]+)?(&|$)/g;

/**
 * An export's links carry a token that opens every file of the workspace: it is no part of the link. `?t=…&a=b` is `?a=b`.
 */
export function withoutToken(url: string): string {
  return url.replaceAll(exportToken, (_, before: string, after: string) => (after === '&' ? before : ''));
}

/** Seconds since 1970. Slack has milliseconds in some places, and tells them apart by their size alone; 0 is none. */
export function secondsOf(value: Json | undefined): number {
  const number = numberOf(value) ?? 0;
  return Math.max(0, Math.trunc(number < 1e11 ? number : number / 1_000));
}
