// Tests of this package, without a server: node --test
import assert from 'node:assert/strict';
import { appendFileSync, cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { isEngineError } from 'tributary-events';
import { fakeEngine, fakeEnrichableEvent, fakeProcessorContext, sourceChecks } from 'tributary-events/testing';
import { householdFrom } from './household.js';
import { concern, details, moment, processorsOf } from './processors.js';
import { doorbell } from './source.js';

/** @param {string} directory */
function recordingIn(directory) {
  cpSync(fileURLToPath(new URL('recording', import.meta.url)), directory, { recursive: true });
  return { path: directory, chunkBytes: 500 };
}

for (const { name, run } of sourceChecks((directory) => ({ source: doorbell, options: recordingIn(directory) }))) {
  test(`the source ${name}`, run);
}

test('what a device adds is read by the next run; half a line waits, and what is none is refused by name', async (t) => {
  const options = recordingIn(mkdtempSync(join(tmpdir(), 'recording-')));
  t.after(() => rmSync(options.path, { recursive: true }));
  const engine = fakeEngine({ source: doorbell, options });
  const first = await engine.sync();
  assert.equal(first.events.length, 27);
  assert.deepEqual(
    first.rejected.map(({ code }) => code),
    ['not_json', 'unknown_kind'],
  );
  const hostile = ['[]', '{"kind":"press","id":"a","at":"soon","heldMs":1}', '{"kind":"toString"}', '\xff'];
  appendFileSync(join(options.path, 'front-door.jsonl'), `${hostile.join('\n')}\n{"id":"fd-0024","kind":"pr`, 'latin1');
  const press = '{"id":"sd-1","kind":"press","at":"2026-03-15T08:00:00Z","heldMs":10,"battery":0.8}\n';
  writeFileSync(join(options.path, 'side-door.jsonl'), press);
  const second = await engine.sync();
  assert.deepEqual(
    second.rejected.map(({ code }) => code),
    ['not_json', 'bad_record', 'unknown_kind', 'not_json'],
  );
  assert.deepEqual(
    second.events.map(({ subject, data }) => [subject, data.battery]),
    [['side-door', 0.8]],
  );
});

test('a recording that was cut is named, and the other device is read', async (t) => {
  const options = recordingIn(mkdtempSync(join(tmpdir(), 'recording-')));
  t.after(() => rmSync(options.path, { recursive: true }));
  const engine = fakeEngine({ source: doorbell, options });
  await engine.sync();
  writeFileSync(join(options.path, 'front-door.jsonl'), '{}\n');
  const press = '{"id":"gg-0006","kind":"press","at":"2026-03-15T08:00:00Z","heldMs":10}\n';
  appendFileSync(join(options.path, 'garden-gate.jsonl'), press);
  const { events, state } = await engine.sync();
  assert.deepEqual(
    events.map(({ identity }) => identity),
    [{ kind: 'immutable', key: 'garden-gate/gg-0006' }],
  );
  const device = state.find(({ key }) => key === 'front-door');
  assert.equal(device.value.code, 'recording_shorter');
});

test('a device whose clock was not set gives an event without a time, and says why', () => {
  const line = '{"id":"a","kind":"press","at":"1970-01-01T00:00:03Z","heldMs":10}';
  const [event] = doorbell.toEvents(Buffer.from(line), { options: { path: '/', chunkBytes: 64 }, stream: 'door' });
  assert.equal(event.time, undefined);
  assert.deepEqual(event.flags, ['clock_not_set']);
});

const faces = fakeEnrichableEvent({
  type: 'doorbell.face_recognised',
  time: '2026-03-15T01:13:24.450Z',
  data: {
    at: '2026-03-15T02:13:24.450+01:00',
    faces: [
      { face: 'f-01', confidence: 0.9 },
      { face: 'f-02', confidence: 0.3 },
      { face: 'toString', confidence: 0.9 },
      { face: null, confidence: 0.5 },
    ],
  },
});

test('a face is known when the household has it and the device is sure', async () => {
  const recognition = processorsOf().find(({ name }) => name === 'recognition');
  assert.deepEqual(await recognition.enrich(faces, fakeProcessorContext()), {
    total: 4,
    known: 1,
    unknown: 3,
    people: ['Ana'],
    best: 0.9,
  });
});

test('an unknown face is of concern, at night more than by day; nobody unknown is none', () => {
  const noted = moment.enrich(faces, fakeProcessorContext({ results: { metadata: { unixMs: 1_773_537_204_450 } } }));
  assert.deepEqual(noted, { iso: '2026-03-15T02:13:24.450+01:00', unix: 1_773_537_204, part: 'night' });
  const about = (unknown, part) =>
    concern.enrich(faces, fakeProcessorContext({ results: { recognition: { unknown }, moment: { part } } }));
  assert.deepEqual(about(1, 'night'), { level: 'high', why: '1 unknown in the night' });
  assert.deepEqual(about(2, 'morning'), { level: 'low', why: '2 unknown in the morning' });
  assert.equal(about(0, 'night'), null);
});

test('details are those of the type', () => {
  const of = (type, data) => details.enrich(fakeEnrichableEvent({ type, data }), fakeProcessorContext());
  assert.deepEqual(of('doorbell.pressed', { heldMs: 2_000 }), { press: 'long' });
  assert.deepEqual(of('doorbell.motion', { lastedMs: 1_500, strength: 0.4 }), { seconds: 1.5, strong: false });
});

test('a machine that is short of files for a moment is asked again, and a list that is no JSON is not', async () => {
  const answers = [Object.assign(new Error('too many open files'), { code: 'EMFILE' }), Buffer.from('{}')];
  const household = householdFrom(async () => {
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return answer;
  });
  await assert.rejects(household, (error) => isEngineError(error) && error.next === 'retry');
  assert.deepEqual(await household(), {});
  await assert.rejects(
    householdFrom(async () => Buffer.from('{')),
    SyntaxError,
  );
});
