// The one table of exit codes, class by class.
import { expect, test } from 'vitest';
import { exitCodeOf, exitCodeOfSignal } from '../../src/domain/exit-codes.js';
import { Fenced, InvalidInput, NeedsAttention, Transient, WaitUntil } from '../../src/domain/errors.js';

test.each<[string, unknown, number]>([
  ['wrong use', new InvalidInput('url', 'is no url'), 2],
  ['a host that does not answer', new InvalidInput('url', 'cannot be reached', { code: 'unreachable' }), 1],
  ['a server that is away', new Transient('ECONNREFUSED', 'does not answer'), 1],
  ['an upstream that says when to come back', new WaitUntil('rate_limited', 'later', new Date()), 1],
  ['a run that lost its source', new Fenced('superseded'), 1],
  ['what a person has to look at', new NeedsAttention('disk_full', 'no room'), 3],
  ['a fault of ours', new TypeError('is not a function'), 1],
  ['anything that is thrown', 'text', 1],
])('%s', (_, error, code) => {
  expect(exitCodeOf(error)).toBe(code);
});

test('a signal counts as shells count it', () => {
  expect([exitCodeOfSignal('SIGINT'), exitCodeOfSignal('SIGTERM')]).toEqual([130, 143]);
});
