// An endpoint that fails in every way there is: bounded tries, then rest; the events are stored without their vectors and say
// why (requirement P5, A1.15).
import { expect, test } from 'vitest';
import { aBatch } from '../../support/builders.js';
import { context, embedding, notes } from '../../support/embedding.js';
import { answerWith, embeds, inTurn, status, type Behaviour } from '../../support/embedding-server.js';

const { serving, options, run, stage } = embedding();

const hang: Behaviour = () => undefined;
const drip: Behaviour = (_texts, response) => {
  const timer = setInterval(() => response.write(' '), 20);
  response.on('close', () => clearInterval(timer));
};
const cut: Behaviour = (_texts, response) => {
  response.writeHead(200, { 'content-length': '1000' }).write('{"data":[', () => response.destroy());
};
const text =
  (body: string): Behaviour =>
  (_texts, response) =>
    void response.end(body);
const flood: Behaviour = (_texts, response) => {
  const more = () => {
    while (!response.destroyed && response.write(Buffer.alloc(256 * 1024, 32)));
  };
  response.on('drain', more);
  more();
};

test.each<[string, Behaviour, RegExp]>([
  ['hangs', hang, /did not answer in time/],
  ['drips', drip, /did not answer in time/],
  [
    'resets the connection',
    (_texts, response) => void response.socket!.resetAndDestroy(),
    /cannot be reached: ECONNRESET/,
  ],
  ['cuts its answer short', cut, /cannot be reached/],
  ['answers 500', status(500), /answers 500/],
  [
    'answers 429',
    status(429, {}, { error: { message: 'key sk-secret', code: 'rate_limit_exceeded' } }),
    /^the embedder answers 429 rate_limit_exceeded$/,
  ],
  ['answers 429 and asks for an hour', status(429, { 'retry-after': '3600' }), /answers 429, to come back in 3600 s/],
  [
    'answers 503 and asks for a date',
    status(503, { 'retry-after': new Date(Date.now() + 3_000_000).toUTCString() }),
    /to come back in \d+ s/,
  ],
  [
    'answers 401',
    status(401, {}, { error: { code: 'invalid_api_key' } }),
    /answers 401 invalid_api_key; check TRIBUTARY_EMBED_URL/,
  ],
  ['redirects', status(302, { location: 'http://127.0.0.1:1/' }), /answers 302/],
  ['refuses every text', status(400), /answers 400/],
  ['answers what is no JSON', text('<html>'), /not JSON/],
  ['answers NaN', text('{"data":[{"embedding":[NaN]},{"embedding":[NaN]}]}'), /not JSON/],
  ['answers something else', text('{"ok":true}'), /no list `data`/],
  ['answers nothing', text(''), /not JSON/],
  ['answers too few', (_texts, response) => answerWith(response, []), /0 vectors for \d texts?/],
  [
    'answers too many',
    (texts, response) =>
      answerWith(
        response,
        [...texts, ''].map(() => ({ embedding: [1] })),
      ),
    /\d vectors for \d texts?/,
  ],
  [
    'numbers them wrongly',
    (texts, response) =>
      answerWith(
        response,
        texts.map(() => ({ index: 7, embedding: [1] })),
      ),
    /numbers its vectors wrongly/,
  ],
  [
    'answers text for numbers',
    (texts, response) =>
      answerWith(
        response,
        texts.map(() => ({ embedding: ['1'] })),
      ),
    /no number/,
  ],
  [
    'answers nothing for numbers',
    (texts, response) =>
      answerWith(
        response,
        texts.map(() => ({ embedding: [1, null] })),
      ),
    /no number/,
  ],
  [
    'answers what no float holds',
    (texts, response) =>
      answerWith(
        response,
        texts.map(() => ({ embedding: [1e300] })),
      ),
    /no number/,
  ],
  [
    'answers empty vectors',
    (texts, response) =>
      answerWith(
        response,
        texts.map(() => ({ embedding: [] })),
      ),
    /no list of 1 to/,
  ],
  ['never stops answering', flood, /more than \d+ bytes/],
])('an endpoint that %s costs the vectors, not the events, which say why', async (_what, behaviour, reason) => {
  const server = await serving(behaviour);
  const patience = { callMs: behaviour === hang || behaviour === drip ? 100 : 5_000 };
  const { errors, batch, counted } = await run(options(server.url, { patience }));
  expect(errors).toEqual([expect.stringMatching(reason), expect.stringMatching(reason)]);
  expect(errors.join()).not.toContain('sk-secret');
  expect(batch.events).toHaveLength(2);
  expect(counted).toEqual({ texts: 2, known: 0, embedded: 0, failed: 2 });
  expect(server.calls.length).toBeLessThanOrEqual(4);
});

test('an endpoint that is not there costs the vectors, not the events', async () => {
  const server = await serving();
  await server.close();
  expect((await run(options(server.url))).errors).toEqual([
    expect.stringContaining('ECONNREFUSED'),
    expect.stringContaining('ECONNREFUSED'),
  ]);
});

test('what passes by itself is tried again', async () => {
  const server = await serving(inTurn(status(500), status(429, { 'retry-after': '0' }), embeds));
  expect((await run(options(server.url))).counted).toMatchObject({ embedded: 2, failed: 0 });
  expect(server.calls).toHaveLength(3);
});

test('an endpoint that failed is left alone for a while, by later pages too; then a page fills in what is missing', async () => {
  const server = await serving(inTurn(status(500), status(500), status(500), embeds));
  const embed = stage(options(server.url, { patience: { restMs: 400 } }));
  const page = async () => (await embed.run(aBatch([], { events: notes('one') }), context)).counted;
  expect([await page(), await page()]).toEqual([
    { texts: 1, known: 0, embedded: 0, failed: 1 },
    { texts: 1, known: 0, embedded: 0, failed: 1 },
  ]);
  expect(server.calls).toHaveLength(3);
  await expect.poll(page, { timeout: 10_000 }).toMatchObject({ embedded: 1, failed: 0 });
  expect(await page()).toMatchObject({ known: 1 });
});

test('one text the endpoint refuses is found; its neighbours get their vectors', async () => {
  const server = await serving((texts, ...call) => (texts.includes('poison') ? status(400) : embeds)(texts, ...call));
  const { errors, counted } = await run(options(server.url), notes('a', 'b', 'c', 'poison', 'e'));
  expect(errors).toEqual([undefined, undefined, undefined, expect.stringMatching(/answers 400/), undefined]);
  expect(counted).toMatchObject({ embedded: 4, failed: 1 });
});
