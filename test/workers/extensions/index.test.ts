// The process of an extension module: refused with one line when it cannot be loaded; ended and started again; after many
// faults the rest of a page is not asked, and the next page is.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Question } from '../../../src/stages/own/ask-stage.js';
import { EnrichedEvent } from '../../../src/stages/enrichment/enriched-event.js';
import { startExtensions, type Extensions } from '../../../src/workers/extensions/index.js';
import { anEvent, aPageFacts } from '../../support/builders.js';

const directory = mkdtempSync(join(tmpdir(), 'tributary-extensions-'));
const opened: Extensions[] = [];
afterAll(() => {
  for (const one of opened) one.end();
  rmSync(directory, { recursive: true, force: true });
});

function moduleOf(name: string, text: string): string {
  const path = join(directory, `${name}.mjs`);
  writeFileSync(path, text);
  return path;
}

async function started(name: string, text: string): Promise<Extensions> {
  const extensions = await startExtensions([moduleOf(name, text)], () => {});
  opened.push(extensions);
  return extensions;
}

function question(ordinal: number): Question {
  const { id, type } = anEvent('built', ordinal);
  return {
    ordinal,
    event: {
      source: 'built',
      id,
      type,
      subject: null,
      time: null,
      priority: 1,
      flags: null,
      data: { n: ordinal },
      attempt: 1,
    },
    context: {},
  };
}

const nobodyCancels = new AbortController().signal;

test.each([
  ['ends its process', 'process.exit(4);', /ended its process \(exit code 4\) while it was loaded/],
  [
    'throws what cannot be shown',
    'throw Object.create(null);',
    /cannot be loaded: something was thrown that cannot be shown/,
  ],
  ['has no list', 'export const stages = {};', /is no list of stages/],
  [
    'names a stage twice',
    `const a = { name: 'a', concurrency: 1, process() {} }; export default [a, a];`,
    /stages\.1\.name: there is a stage a already/,
  ],
])('a module that %s is refused with one line', async (name, text, reason) => {
  await expect(startExtensions([moduleOf(name.replaceAll(' ', '-'), text)], () => {})).rejects.toMatchObject({
    name: 'InvalidInput',
    message: expect.stringMatching(reason),
  });
});

test('after ten events that end the process the rest of the page is deferred unasked; the next page is asked', async () => {
  const { asking } = await started(
    'ending',
    `export default [{ name: 'ending', concurrency: 4, process: ({ data }) => (data.n < 12 ? process.exit(1) : { kind: 'advance' }) }];`,
  );
  const ask = asking('ending');
  const errors: (string | null)[] = [];
  for (let n = 0; n < 14; n++) errors.push((await ask(question(n), nobodyCancels)).error);
  expect(errors).toEqual([
    ...Array.from(
      { length: 10 },
      () => 'stage ending ended its process (exit code 1) when it was asked about this event',
    ),
    ...Array.from({ length: 4 }, () => 'not asked: ending ended or blocked its process 10 times on this page'),
  ]);
  expect(await asking('ending')(question(13), nobodyCancels)).toMatchObject({ answer: 'advance' });
}, 120_000);

test('after three events that end the process the rest of the page goes on without processors, and says so', async () => {
  const { elsewhere } = await started(
    'dying',
    `export const processors = [{ name: 'dying', canProcess: () => true, enrich: ({ data }) => (data.n < 4 ? process.exit(1) : { n: 1 }) }];`,
  );
  const facts = { page: aPageFacts(), sourceType: 'built', runId: 'run' };
  const run = elsewhere.open(facts, [{ name: 'dying', wanted: false }], 10_000);
  const events = Array.from({ length: 5 }, (_, n) => new EnrichedEvent(anEvent('built', n)));
  await run.enrich(events);
  const gone = { dying: { error: 'processor dying ended its process (exit code 1) at this event' } };
  const rest = { dying: { error: 'not run: dying ended or blocked its process 3 times on this page' } };
  expect(events.map(({ enrichment }) => JSON.parse(enrichment!) as unknown)).toEqual([gone, gone, gone, rest, rest]);
  expect(run.tallies.get('dying')).toMatchObject({ processed: 0, failed: 5 });
}, 120_000);

test('a question nobody waits for any more is told so to the stage, and ends at once', async () => {
  const { asking } = await started(
    'slow',
    `export default [{ name: 'slow', concurrency: 4, process: (event, context, signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))) }];`,
  );
  const cancelled = new AbortController();
  const asked = asking('slow')(question(1), cancelled.signal);
  cancelled.abort(new Error('the worker goes'));
  await expect(asked).rejects.toThrow('the worker goes');
}, 60_000);
