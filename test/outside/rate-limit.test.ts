// When to come back, in every form vendors have, and in what is none. All times are of our clock, and bounded.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { httpBounds } from '../../src/outside/bounds.js';
import type { Headers } from '../../src/outside/headers.js';
import { parseHttpDate } from '../../src/outside/http-date.js';
import { quotaOf, waitOf } from '../../src/outside/rate-limit.js';

const now = Date.UTC(2026, 10, 26, 12, 0, 0);
const unsaidMs = 60_000;
/** Seconds to wait, and whether the answer said so; undefined: no limit. */
function wait(status: number, headers: Headers) {
  const found = waitOf(status, headers, now, unsaidMs, httpBounds);
  return found && [(found.until - now) / 1_000, found.said];
}

describe('Retry-After', () => {
  test.each<[string, number]>([
    ['30', 30],
    [' 30 ', 30],
    ['1.5', 1.5],
    ['2.', 2],
    ['0', 1],
    ['Thu, 26 Nov 2026 12:01:00 GMT', 60],
    ['Thursday, 26-Nov-26 12:01:00 GMT', 60],
    ['Thu Nov 26 12:01:00 2026', 60],
    ['2026-11-26T12:01:00Z', 60],
    ['2026-11-26T13:01:00+01:00', 60],
    ['Thu, 26 Nov 2026 11:00:00 GMT', 1],
    ['99999999999999999999', 86_400],
    ['9'.repeat(400), 86_400],
    ['Fri, 01 Jan 2999 00:00:00 GMT', 86_400],
  ])('%s is %d s', (text, seconds) => {
    for (const status of [429, 403, 503]) expect(wait(status, { 'retry-after': text })).toEqual([seconds, true]);
  });

  test.each([
    '',
    '-5',
    'soon',
    'garbage 5',
    '1e3',
    '0x10',
    '５',
    'NaN',
    '5 seconds',
    'Thu, 99 Nov 2026 12:01:00 GMT',
    '2026-11-26',
    '1, 2',
  ])('%j says nothing', (text) => {
    expect(wait(429, { 'retry-after': text })).toEqual([60, false]);
    expect(wait(403, { 'retry-after': text })).toEqual([60, false]);
    // An outage that does not say until when is an outage.
    expect(wait(503, { 'retry-after': text })).toBeUndefined();
  });

  test('a date is by the clock of the server, however wrong that is', () => {
    const headers = { date: 'Thu, 26 Nov 2026 13:00:00 GMT', 'retry-after': 'Thu, 26 Nov 2026 13:00:30 GMT' };
    expect(wait(429, headers)).toEqual([30, true]);
    expect(wait(429, { ...headers, date: 'no date' })).toEqual([3_630, true]);
  });
});

describe('the reset of a quota', () => {
  const epoch = now / 1_000;
  test.each<[string, number]>([
    [String(epoch + 90), 90],
    [String(now + 90_500), 90.5],
    ['90', 90],
    ['90.5', 90.5],
    ['Thu, 26 Nov 2026 12:01:30 GMT', 90],
    [String(epoch - 90), 1],
  ])('x-ratelimit-reset: %s is %d s', (text, seconds) => {
    expect(wait(403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': text })).toEqual([seconds, true]);
    expect(wait(429, { 'x-ratelimit-reset': text })).toEqual([seconds, true]);
  });

  test('seconds since 1970 are by the clock of the server', () => {
    const date = new Date(now + 600_000).toUTCString();
    expect(wait(403, { date, 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(epoch + 690) })).toEqual([
      90,
      true,
    ]);
  });

  test.each<[Headers]>([
    [{ ratelimit: 'limit=100, remaining=0, reset=30' }],
    [{ ratelimit: '"default";r=0;t=30' }],
    [{ ratelimit: '"day;t=7,r=1";r=90;t=900, "minute";r=0;t=30' }],
    [{ ratelimit: ['"day";r=90;t=900', '"minute";r=0;t=30'] }],
    [{ 'ratelimit-remaining': '0', 'ratelimit-reset': '30' }],
  ])('a draft of RateLimit: %j', (headers) => {
    expect(wait(429, headers)).toEqual([30, true]);
    expect(wait(403, headers)).toEqual([30, true]);
  });

  test('of several that are spent the last to come back counts', () => {
    expect(wait(429, { ratelimit: '"minute";r=0;t=30, "hour";r=0;t=900' })).toEqual([900, true]);
  });

  test('with calls left it is another limit, of which the reset knows nothing; Retry-After wins over all', () => {
    const headers = { 'x-ratelimit-remaining': '4000', 'x-ratelimit-reset': String(epoch + 3_000) };
    expect(wait(429, headers)).toEqual([60, false]);
    expect(wait(403, { ...headers, 'retry-after': '7' })).toEqual([7, true]);
  });

  test('a 403 that is no limit is none, and neither is any other status', () => {
    expect(wait(403, {})).toBeUndefined();
    expect(wait(403, { 'x-ratelimit-remaining': '12' })).toBeUndefined();
    for (const status of [200, 304, 401, 404, 500, 502])
      expect(wait(status, { 'retry-after': '5', 'x-ratelimit-remaining': '0' })).toBeUndefined();
  });

  test('an answer that is no refusal tells what is left', () => {
    expect(quotaOf({ 'x-ratelimit-remaining': '41', 'x-ratelimit-reset': String(epoch + 90) }, now)).toEqual({
      remaining: 41,
      resetAt: now + 90_000,
    });
    expect(quotaOf({ ratelimit: '"a";r=3;t=9' }, now)).toEqual({ remaining: 3, resetAt: now + 9_000 });
    expect(quotaOf({ 'x-ratelimit-remaining': 'many', 'x-ratelimit-reset': 'later' }, now)).toEqual({
      remaining: undefined,
      resetAt: undefined,
    });
    // A reset is no reason to be silent for years.
    expect(quotaOf({ 'x-ratelimit-reset': '9'.repeat(400) }, now).resetAt).toBe(now + httpBounds.waitMsMax);
    expect(quotaOf({}, now)).toEqual({ remaining: undefined, resetAt: undefined });
  });
});

test('whatever the headers say, a wait is a moment between a second and a day from now', () => {
  const text = fc.oneof(
    fc.string(),
    fc.integer().map(String),
    fc.double().map(String),
    fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
  );
  const names = [
    'retry-after',
    'x-ratelimit-remaining',
    'x-ratelimit-reset',
    'ratelimit',
    'ratelimit-reset',
    'date',
  ] as const;
  const headers = fc.dictionary(
    fc.constantFrom(...names),
    fc.oneof(text, fc.array(text, { minLength: 1, maxLength: 3 })),
  );
  fc.assert(
    fc.property(fc.constantFrom(429, 403, 503), headers, (status, given) => {
      const found = waitOf(status, given, now, unsaidMs, httpBounds);
      if (found === undefined) expect(status).not.toBe(429);
      else {
        expect(found.until).toBeGreaterThanOrEqual(now + httpBounds.waitMsMin);
        expect(found.until).toBeLessThanOrEqual(now + httpBounds.waitMsMax);
      }
    }),
  );
});

test('every date of HTTP is read as it was written', () => {
  const second = fc.date({
    min: new Date('1970-01-01T00:00:00Z'),
    max: new Date('9999-12-31T23:59:59Z'),
    noInvalidDate: true,
  });
  fc.assert(
    fc.property(second, (date) => parseHttpDate(date.toUTCString()) === Math.floor(date.getTime() / 1_000) * 1_000),
  );
});
