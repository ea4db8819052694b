// A cursor goes back to where it was taken, in the listing it was taken from, and nowhere else.
import { expect, test } from 'vitest';
import { cursorOf, placeOf } from '../../src/queries/event-cursor.js';
import { eventSearch, questionOf } from '../../src/clients/events/event-question.js';

const place = {
  time: '2026-01-01T00:00:00.123456Z',
  ingestedAt: '2026-11-01T00:00:00Z',
  source: 'acme/api',
  id: 'a "quoted" id\n',
};

test('a cursor is read back as it was made, also without a time', () => {
  expect(placeOf(cursorOf(place, ['a']), ['a'])).toEqual(place);
  expect(placeOf(cursorOf({ ...place, time: null }, ['a']), ['a'])).toEqual({ ...place, time: null });
});

test('a cursor of another question is refused', () => {
  expect(() => placeOf(cursorOf(place, ['a']), ['b'])).toThrow(
    /^after: this cursor belongs to a listing with other filters/,
  );
});

test('what is no cursor is refused: a part, a changed one, something else', () => {
  const cursor = cursorOf(place, ['a']);
  const changed = Buffer.from(Buffer.from(cursor, 'base64url').toString().replace('acme/api', 'acme/apj')).toString(
    'base64url',
  );
  for (const wrong of [
    cursor.slice(0, -4),
    cursor.slice(4),
    changed,
    '',
    'x',
    'not a cursor',
    '%',
    `${cursor}x`,
    "'; drop table events; --",
  ]) {
    expect(() => placeOf(wrong, ['a']), wrong).toThrow(/^after: this is no cursor/);
  }
});

test('the same filters as words are the same question, whichever way the source is given', () => {
  const cursor = cursorOf(place, questionOf('acme/api', { since: '7d' }));
  expect(eventSearch(undefined, { source: 'acme/api', since: '7d', after: cursor }).after).toEqual(place);
  expect(() => eventSearch('acme/api', { since: '8d', after: cursor })).toThrow(/^after: /);
  expect(() => eventSearch('acme/api', { since: '7d', oldest: true, after: cursor })).toThrow(/^after: /);
});
