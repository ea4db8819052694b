// Tests of one's own source, stage and processor, without a server: node --test source.test.js
import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  fakeEngine,
  fakeEnrichableEvent,
  fakeProcessorContext,
  fakeStagedEvent,
  sourceChecks,
} from 'tributary-events/testing';
import { words } from './processor.js';
import { lines } from './source.js';
import { owner } from './stage.js';

function fileIn(directory: string): string {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, 'lines.txt');
  writeFileSync(path, Array.from({ length: 500 }, (_, at) => `line ${at} of this file\n`).join(''));
  return path;
}

for (const { name, run } of sourceChecks((directory) => ({ source: lines, options: { path: fileIn(directory) } }))) {
  test(`the source ${name}`, run);
}

test('a second run brings what is new, and an empty line is a dead letter', async () => {
  const path = fileIn('notes');
  const engine = fakeEngine({ source: lines, options: { path } });
  assert.equal((await engine.sync()).events.length, 500);
  appendFileSync(path, 'one more\n\nhalf');
  const { events, rejected } = await engine.sync();
  assert.deepEqual(
    events.map(({ data }) => data['text']),
    ['one more'],
  );
  assert.deepEqual(
    rejected.map(({ code }) => code),
    ['empty'],
  );
});

test('the stage drops what robots did, and the processor counts words', async () => {
  const answer = await owner.process(fakeStagedEvent({ subject: 'renovate' }), {}, new AbortController().signal);
  assert.deepEqual(answer, { kind: 'remove' });
  const event = fakeEnrichableEvent({ type: 'acme.line', data: { text: 'two words' } });
  assert.deepEqual(words.enrich(event, fakeProcessorContext()), { count: 2 });
});
