// A cursor goes back to where it was taken, in the listing it was taken from, and nowhere else.
import { expect, test } from 'vitest';
import { InvalidInput } from '../../src/domain/errors.js';
import { cursorOf, markOf } from '../../src/queries/event-cursor.js';
import { eventSearch, questionOf } from '../../src/clients/events/event-question.js';

const place = {
  time: '2026-01-01T00:00:00.123456Z',
  ingestedAt: '2026-11-01T00:00:00Z',
  source: 'acme/api',
  id: 'a "quoted" id\n',
};

test('a cursor is read back as it was made, also without a time and of any year', () => {
  expect(markOf(cursorOf(place, ['a']), ['a'])).toMatchObject({
    time: '2026-01-01T00:00:00.123456Z',
    ingestedAt: '2026-11-01T00:00:00.000000Z',
  });
  expect(markOf(cursorOf({ ...place, time: null }, ['a']), ['a'])).toMatchObject({ time: null });
  for (const time of ['0001-01-01T00:00:00.000001Z', '1969-12-31T23:59:59.999999Z', '9999-12-31T23:59:59.999999Z'])
    expect(markOf(cursorOf({ ...place, time }, ['a']), ['a'])).toMatchObject({ time });
});

test('it is short whatever it stands at, and two events of one moment have two', () => {
  const long = cursorOf({ ...place, id: 'x'.repeat(2_400) }, ['a'.repeat(1_000)]);
  expect(long).toMatch(/^[\w-]{38}$/);
  expect(cursorOf(place, ['a'])).not.toBe(cursorOf({ ...place, id: 'another' }, ['a']));
});

test('a cursor of another question is refused', () => {
  expect(() => markOf(cursorOf(place, ['a']), ['b'])).toThrow(
    /^after: this cursor belongs to a listing with other filters/,
  );
});

test('what is no cursor is refused: a part, a changed one, something else', () => {
  const cursor = cursorOf(place, ['a']);
  const changed = `${cursor.slice(0, 20)}${cursor[20] === 'A' ? 'B' : 'A'}${cursor.slice(21)}`;
  for (const wrong of [
    cursor.slice(0, -4),
    cursor.slice(4),
    changed,
    '',
    'x',
    'not a cursor',
    '%',
    `${cursor}x`,
    `${cursor}=`,
    "'; drop table events; --",
  ]) {
    expect(() => markOf(wrong, ['a']), wrong).toThrow(/^after: this is no cursor/);
  }
});

test('the same filters as words are the same question, whichever way the source is given', () => {
  const cursor = cursorOf(place, questionOf('acme/api', { since: '7d' }));
  const { after } = eventSearch(undefined, { source: 'acme/api', since: '7d', after: cursor });
  expect(after).toMatchObject({ time: place.time });
  expect(() => eventSearch('acme/api', { since: '8d', after: cursor })).toThrow(InvalidInput);
  expect(() => eventSearch('acme/api', { since: '7d', oldest: true, after: cursor })).toThrow(InvalidInput);
});
