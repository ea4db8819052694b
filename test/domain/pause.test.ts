// A pause in doubt is a pause: what is said with it is kept as far as it can be, and nothing is refused.
import { expect, test } from 'vitest';
import { pauseOf, pauseText } from '../../src/domain/pause.js';

const ignored = '`until` was no time like 2026-01-31T12:00:00Z and is ignored';

test.each<[unknown, string | null, string | null, string | null]>([
  [undefined, null, null, null],
  [null, null, null, null],
  [7, null, null, null],
  ['lunch', 'lunch', null, null],
  [{}, null, null, null],
  [{ reason: 'lunch' }, 'lunch', null, null],
  [{ reason: ' ', by: '' }, null, null, null],
  [{ reason: 7, by: ['ana'] }, null, null, null],
  [{ reason: 'lunch', until: null, by: 'ana' }, 'lunch', null, 'ana'],
  [{ until: '2026-01-31T13:00:00+01:00', by: 'ana' }, null, '2026-01-31T12:00:00Z', 'ana'],
  [{ until: 'tomorrow', by: 'ana' }, ignored, null, 'ana'],
  [{ until: 7, reason: 'lunch' }, `lunch (${ignored})`, null, null],
  [{ reason: 'a\0b' }, 'ab', null, null],
  [{ reason: 'x'.repeat(600) }, 'x'.repeat(500), null, null],
])('%j', (said, reason, until, by) => {
  expect(pauseOf(said)).toEqual({ reason, until, by });
});

test('it is told with what is known of it', () => {
  expect(pauseText({ reason: null, until: null, by: null })).toBe('paused');
  expect(pauseText({ reason: 'lunch', until: null, by: null })).toBe('paused: lunch');
  expect(pauseText({ reason: 'lunch', until: '2026-01-31T12:00:00Z', by: 'ana' })).toBe(
    'paused by ana until 2026-01-31 12:00:00 UTC: lunch',
  );
});
