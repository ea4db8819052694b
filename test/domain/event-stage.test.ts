// What a worker's own stages must be, before it starts: a wrong one is named with its place and its field.
import { expect, test } from 'vitest';
import { InvalidInput } from '../../src/domain/errors.js';
import { checkEventStages, type EventStage } from '../../src/domain/event-stage.js';

function stage(name: string, concurrency = 1): EventStage {
  return { name, concurrency, process: async () => ({ kind: 'advance' }) };
}

test('names of small letters, digits and hyphens are good, and any whole number of events at once', () => {
  expect(() => checkEventStages([stage('a'), stage('a-1', 500), stage(`b${'x'.repeat(59)}`)])).not.toThrow();
});

test.each<[EventStage, RegExp]>([
  [stage('A'), /^stages\.1\.name: is "A", expected/],
  [stage('1a'), /^stages\.1\.name: /],
  [stage('a b'), /^stages\.1\.name: /],
  [stage(`b${'x'.repeat(60)}`), /^stages\.1\.name: /],
  [stage('first'), /^stages\.1\.name: there is a stage first already/],
  [stage('enrich'), /^stages\.1\.name: there is a stage enrich already/],
  [stage('embed'), /^stages\.1\.name: there is a stage embed already/],
  [stage('second', 0), /^stages\.1\.concurrency: is 0 for stage second/],
  [stage('second', 1.5), /^stages\.1\.concurrency: is 1.5/],
])('$name is refused', (second, why) => {
  expect(() => checkEventStages([stage('first'), second])).toThrow(InvalidInput);
  expect(() => checkEventStages([stage('first'), second])).toThrow(why);
});
