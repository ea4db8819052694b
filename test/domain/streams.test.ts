// How streams stand, in words.
import { expect, test } from 'vitest';
import { streamsText, streamsUntold, streamText, type ToldStream } from '../../src/domain/streams.js';

const stream: ToldStream = {
  name: 'issues',
  state: 'needs_attention',
  message: 'the token has expired',
  since: '2026-01-02T03:04:05.678Z',
  until: null,
};

test('a count by state, a line for each that wants a look, and how many more there are', () => {
  const states = { gone: 1, needs_attention: 2, rate_limited: 7, up_to_date: 40 };
  expect(streamsText(states)).toBe('streams: 1 gone, 2 needs attention, 7 rate limited, 40 up to date');
  expect(streamText(stream)).toBe('issues needs attention since 2026-01-02 03:04:05 UTC: the token has expired');
  const until = '2026-01-03T00:00:00.000Z';
  expect(streamText({ ...stream, state: 'rate_limited', message: '429', until })).toBe(
    'issues waits until 2026-01-03 00:00:00 UTC: 429',
  );
  expect(streamText({ ...stream, state: 'rate_limited' })).toContain('issues waits since 2026-01-02');
  expect(streamsUntold({ states, told: [stream] })).toBe(8);
});
