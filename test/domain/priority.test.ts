// How urgent an event is: what the origin says, the source's rules, what the type says of itself, and then names.
import { expect, test } from 'vitest';
import { InvalidInput } from '../../src/domain/errors.js';
import type { Priority } from '../../src/domain/event.js';
import { parseInput } from '../../src/domain/parse.js';
import { priorityOf, priorityRules } from '../../src/domain/priority.js';

test.each<[string, Priority]>([
  ['ci.error', 4],
  ['TypeError', 4],
  ['build_failed', 4],
  ['ci.BUILD.FAILED', 4],
  ['heartbeat.failed', 4],
  ['workflow_event', 3],
  ['ci.workflow_event.done', 3],
  ['agent.command', 3],
  ['shell/commands', 3],
  ['heartbeat', 1],
  ['node.metrics', 1],
  ['access.log', 1],
  ['access-log', 1],
  ['user.login', 2],
  ['catalog.changed', 2],
  ['commander.started', 2],
  ['git.commit', 2],
])('without a rule %s has priority %i', (type, expected) => {
  expect(priorityOf({ type })).toBe(expected);
});

test('the first rule that matches counts, and before all names', () => {
  const rules = [
    { type: 'ci.*', subject: 'main', priority: 4 },
    { type: 'ci.*', priority: 1 },
    { type: '*error*', priority: 2 },
  ] as const;
  expect(priorityOf({ type: 'ci.run', subject: 'main' }, rules)).toBe(4);
  expect(priorityOf({ type: 'ci.run', subject: 'main2' }, rules)).toBe(1);
  expect(priorityOf({ type: 'ci.run' }, rules)).toBe(1);
  expect(priorityOf({ type: 'ci.error' }, rules)).toBe(1);
  expect(priorityOf({ type: 'some.error' }, rules)).toBe(2);
  expect(priorityOf({ type: 'heartbeat' }, rules)).toBe(1);
});

test('a type says what is usual for it: less than a rule, more than names', () => {
  expect(priorityOf({ type: 'access.log' }, [], 3)).toBe(3);
  expect(priorityOf({ type: 'access.log' }, [{ type: 'access.*', priority: 2 }], 3)).toBe(2);
});

test('what the origin says wins, unless it is no priority', () => {
  const rules = [{ type: '*', priority: 1 }] as const;
  expect(priorityOf({ type: 'x.error', priority: 2 }, rules)).toBe(2);
  expect(priorityOf({ type: 'x.error', priority: 9 as Priority }, rules)).toBe(1);
});

test.each<[unknown, string]>([
  ['ci', 'priorities'],
  [[7], 'priorities.0'],
  [[{ type: 'a' }], 'priorities.0.priority'],
  [[{ type: '', priority: 1 }], 'priorities.0.type'],
  [[{ type: 'a'.repeat(201), priority: 1 }], 'priorities.0.type'],
  [[{ type: 'a', subject: 3, priority: 1 }], 'priorities.0.subject'],
  [[{ type: 'a', priority: 5 }], 'priorities.0.priority'],
  [
    [
      { type: 'a', priority: 1 },
      { type: 'a', priority: 1, when: 'now' },
    ],
    'priorities.1.when',
  ],
  [Array.from({ length: 51 }, () => ({ type: 'a', priority: 1 })), 'priorities'],
])('%j is refused at %s', (value, field) => {
  const refused = () => parseInput(priorityRules, value, 'priorities');
  expect(refused).toThrow(InvalidInput);
  expect(refused).toThrow(expect.objectContaining({ field }));
});
