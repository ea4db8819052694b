// The embed stage: a text that has a vector is never sent again; an event without one is stored and says why (requirement
// P5, A1.15). How an endpoint may fail is in patient-embedder.test.ts.
import { expect, test } from 'vitest';
import { limits } from '../../src/limits.js';
import { aBatch, anEvent } from '../support/builders.js';
import { context, embedding, note, notes, sha256 } from '../support/embedding.js';
import { answerWith, embeds, inTurn, vectorOf } from '../support/embedding-server.js';
import { createGate } from '../support/gate.js';

const { serving, options, run, stage, stored } = embedding();

test('each text gets its vector, whatever the order of the answer; the event says which text and model', async () => {
  const server = await serving((texts, response) =>
    answerWith(response, texts.map((text, index) => ({ index, embedding: vectorOf(text) })).toReversed()),
  );
  const given = options(server.url);
  const { told, batch, counted } = await run(given);
  expect(told).toEqual([
    { input: sha256('one'), model: given.model },
    { input: sha256('three'), model: given.model },
  ]);
  expect(JSON.parse(batch.enrichment.get(0)!)).toMatchObject({ metadata: { host: 'here' } });
  expect(await stored(given.model)).toEqual({ [sha256('one')]: vectorOf('one'), [sha256('three')]: vectorOf('three') });
  expect(counted).toEqual({ texts: 2, known: 0, embedded: 2, failed: 0 });
  expect(server.bodies).toEqual([{ input: ['one', 'three'], model: given.model, encoding_format: 'float' }]);
});

test('a text is sent once: not twice in a page, not for another source, not by another worker after a crash', async () => {
  const server = await serving();
  const given = options(server.url);
  await run(given, notes('same', 'same', 'other'));
  const again = await run(given, [...notes('same', 'new'), anEvent('elsewhere', 2, { text: 'other' })]);
  expect(server.calls).toEqual([['same', 'other'], ['new']]);
  expect(again.counted).toEqual({ texts: 3, known: 2, embedded: 1, failed: 0 });
});

test('two pages that meet the same text at once ask once', async () => {
  const gate = createGate();
  const server = await serving(
    (texts, response) => void gate.pass().then(() => embeds(texts, response, undefined as never)),
  );
  const embed = stage(options(server.url));
  const first = embed.run(aBatch([], { events: notes('a', 'b') }), context);
  await gate.reached;
  const second = embed.run(aBatch([], { events: notes('b', 'c') }), context);
  gate.open();
  expect([(await first).counted, (await second).counted]).toEqual([
    { texts: 2, known: 0, embedded: 2, failed: 0 },
    { texts: 2, known: 0, embedded: 2, failed: 0 },
  ]);
  expect(server.calls.flat().toSorted()).toEqual(['a', 'b', 'c']);
});

test('a page that waits for the call of one that is cancelled asks for itself', async () => {
  const gate = createGate();
  const cancel = new AbortController();
  const server = await serving(inTurn(() => void gate.pass(), embeds));
  const embed = stage(options(server.url));
  const first = embed.run(aBatch([], { events: notes('a') }), {
    ...context,
    cancelled: cancel.signal,
  }) as Promise<unknown>;
  await gate.reached;
  const second = embed.run(aBatch([], { events: notes('a', 'b') }), context);
  cancel.abort(new Error('nobody waits'));
  await expect(first).rejects.toThrow('nobody waits');
  expect((await second).counted).toMatchObject({ embedded: 2, failed: 0 });
});

test('batches are bounded in texts and in characters', async () => {
  const server = await serving();
  const texts = [
    ...Array.from({ length: 70 }, (_, at) => `t${at}`),
    ...Array.from({ length: 10 }, (_, at) => `${at}`.repeat(20_000)),
  ];
  expect((await run(options(server.url), notes(...texts))).counted).toMatchObject({ embedded: 80 });
  expect(Math.max(...server.calls.map((call) => call.length))).toBe(limits.embedBatchTexts);
  expect(Math.max(...server.calls.map((call) => call.join('').length))).toBeLessThanOrEqual(limits.embedBatchCharsMax);
});

test('one vector that is unusable is left out alone', async () => {
  const vectors: Record<string, unknown> = { short: [1, 2], nothing: [1, null, 2], text: 'vector' };
  const server = await serving((texts, response) =>
    answerWith(
      response,
      texts.map((one, index) => ({ index, embedding: vectors[one] ?? vectorOf(one) })),
    ),
  );
  const given = options(server.url);
  const { errors } = await run(given, notes('fine', 'short', 'nothing', 'text', 'last'));
  expect(errors).toEqual([
    undefined,
    expect.stringMatching(/has 2 numbers, expected 3/),
    expect.stringMatching(/no number/),
    expect.stringMatching(/no list/),
    undefined,
  ]);
  expect(Object.keys(await stored(given.model))).toHaveLength(2);
});

test('numbers that float4 rounds to nothing are nothing, and those it holds come back', async () => {
  const server = await serving((texts, response) =>
    answerWith(
      response,
      texts.map(() => ({ embedding: [1e-60, -1e-60, 0.1, -3.4e38, 1.4e-45] })),
    ),
  );
  const given = options(server.url);
  await run(given, notes('one'));
  expect((await stored(given.model))[sha256('one')]!.map(Math.fround)).toEqual(
    [0, 0, 0.1, -3.4e38, 1.4e-45].map(Math.fround),
  );
});

test('a model whose vectors change their length is refused; asked for another length, it is another model', async () => {
  const server = await serving();
  const given = options(server.url);
  await run(given, notes('one'));
  server.behave((texts, response) =>
    answerWith(
      response,
      texts.map((one) => ({ embedding: vectorOf(one, 4) })),
    ),
  );
  expect((await run(given, notes('two'))).errors).toEqual([
    expect.stringMatching(/has 4 numbers, expected 3 as those of model-\d+ before/),
  ]);
  const { told } = await run({ ...given, dimensions: 4 }, notes('one'));
  expect(told).toEqual([{ input: sha256('one'), model: `${given.model}@4` }]);
  expect(server.bodies.at(-1)).toMatchObject({ dimensions: 4, model: given.model });
});

test('the key goes into the header of each call, as it is then; without it nobody is asked', async () => {
  const server = await serving();
  const keys = ['first', 'second'];
  const given = options(server.url, { key: async () => keys.shift() });
  await run(given, notes('one'));
  expect(server.headers().authorization).toBe('Bearer first');
  await run(given, notes('two'));
  expect(server.headers().authorization).toBe('Bearer second');
  const missing = options(server.url, {
    key: async () => {
      throw new Error('env:EMBED_KEY has no secret');
    },
  });
  expect((await run(missing, notes('three'))).errors).toEqual(['env:EMBED_KEY has no secret']);
  expect(server.calls).toHaveLength(2);
});

test('a url may name the interface or the call', async () => {
  const server = await serving();
  for (const url of [server.url, `${server.url}/`, `${server.url}/embeddings`])
    expect((await run(options(url))).counted).toMatchObject({ embedded: 2 });
});

test('events without a text, and of types that are left out, are not embedded and say nothing', async () => {
  const server = await serving();
  const events = [note('', 0), note('kept', 1), anEvent('built', 2, { text: 'secret' }, { type: 'acme.secret' })];
  const { told, counted } = await run(options(server.url, { fields: { 'acme.secret': [] } }), events);
  expect(told.map((one) => one !== undefined)).toEqual([false, true, false]);
  expect(counted).toMatchObject({ texts: 1 });
  expect(server.calls).toEqual([['kept']]);
});

test('a cancelled page is given up, and its call with it', async () => {
  const gate = createGate();
  const server = await serving(() => void gate.pass());
  const cancel = new AbortController();
  const running = run(options(server.url), notes('one'), cancel.signal);
  await gate.reached;
  cancel.abort(new Error('the worker goes'));
  await expect(running).rejects.toThrow('the worker goes');
});
