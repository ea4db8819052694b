// `verify --deep`: what was read of files and trees, beside what is there now; `--repair` stores what is missing and nothing else.
import { appendFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { auditOrigins, type OriginAudit } from '../../../src/clients/verify/origin-audit.js';
import { createRegistry } from '../../../src/sources/index.js';
import { uniqueSource } from '../../support/temporal.js';
import { database, home, verify, worker } from '../verified-store.js';

const line = (n: number) =>
  `198.51.100.7 - ada [31/Jan/2026:12:00:${String(n % 60).padStart(2, '0')} +0100] "GET /${n} HTTP/1.1" 200 ${n} "-" "curl"\n`;
const lines = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => line(from + at)).join('');

async function audited(source: string): Promise<OriginAudit> {
  const parts = {
    pool: database.pool,
    config: { home, secretsDirectory: join(worker.home, 'secrets') },
    registry: createRegistry(),
    repair: null,
    signal: new AbortController().signal,
    onProgress: () => undefined,
  };
  for await (const audit of auditOrigins(parts, source)) return audit;
  throw new Error('nothing was compared');
}

async function aLog(): Promise<{ source: string; path: string; read: () => Promise<unknown> }> {
  const source = uniqueSource('audited');
  const path = join(home, `${source}.log`);
  writeFileSync(path, lines(1, 200));
  const read = () => worker.sync({ source: { type: 'api_log', id: source, options: { path } } });
  await read();
  return { source, path, read };
}

/** As if they had never been stored: no source does that, a person with all rights can. */
async function lose(source: string, where: string): Promise<void> {
  await database.pool.query(
    `with gone as (delete from events where source = $1 and ${where} returning id)
     delete from event_hashes h using gone where h.source = $1 and h.event_id = gone.id`,
    [source],
  );
}

async function stored(source: string): Promise<number> {
  const { rows } = await database.pool.query('select count(*)::integer as n from events where source = $1', [source]);
  return (rows[0] as { n: number }).n;
}

test('a log is whole, however it was rotated and packed since, and what is not read yet is told', async () => {
  const { source, path, read } = await aLog();
  expect(await audited(source)).toMatchObject({ ok: true, parts: [{ part: path, events: 200, missing: 0 }] });
  renameSync(path, `${path}.1`);
  writeFileSync(path, lines(201, 230));
  await read();
  writeFileSync(`${path}.1.gz`, gzipSync(lines(1, 200)));
  rmSync(`${path}.1`);
  appendFileSync(path, line(231));
  const { ok, parts } = await audited(source);
  expect(ok).toBe(true);
  expect(parts).toMatchObject([
    { part: path, events: 30, missing: 0, there: lines(201, 231).length, read: lines(201, 230).length },
    { part: `${path}.1.gz`, events: 200, missing: 0, there: lines(1, 200).length, read: lines(1, 200).length },
  ]);
  rmSync(`${path}.1.gz`);
  expect((await audited(source)).parts[1]).toMatchObject({ there: null, read: lines(1, 200).length });
});

test('lines that are not stored are counted file by file, and a repair stores those and no other', async () => {
  const { source, path } = await aLog();
  await lose(source, `data ->> 'path' in ('/7', '/8', '/200')`);
  appendFileSync(path, line(201));
  expect(await audited(source)).toMatchObject({ ok: false, parts: [{ events: 200, missing: 3 }] });
  const told = await verify(source, '--quick', '--deep');
  expect(told.code).toBe(3);
  expect(told.out).toContain('3 events are not in the store');
  expect(told.out).toContain(`verify ${source} --deep --repair`);
  const repaired = await verify(source, '--quick', '--deep', '--repair');
  expect(repaired.out).toContain('3 events were missing and are stored now');
  expect(await stored(source)).toBe(200);
  expect(await audited(source)).toMatchObject({ ok: true, parts: [{ missing: 0 }] });
});

test.each([
  ['rows of CSV', 'a.csv', 'id,text\n1,"two\nlines"\n2,b\n', `data ->> 'text' = 'b'`],
  ['lines of JSON', 'a.jsonl', '{"n":1}\nno json\n{"n":2}', `data ->> 'n' = '2'`],
])('%s are compared as they were read', async (_, name, text, lost) => {
  const source = uniqueSource('audited');
  const path = join(home, `${source}-${name}`);
  writeFileSync(path, text);
  await worker.sync({ source: { type: 'jsonl', id: source, options: { path } } });
  expect(await audited(source)).toMatchObject({ ok: true, parts: [{ events: 2, missing: 0, read: text.length }] });
  await lose(source, lost);
  expect(await audited(source)).toMatchObject({ ok: false, parts: [{ missing: 1 }] });
});

test('what is missing for a reason is no failure, and is not repaired', async () => {
  const { source } = await aLog();
  await lose(source, `data ->> 'path' = '/7'`);
  await database.pool.query(
    `insert into deferred (source, epoch, page, ordinal, stage, event, next_at) values ($1, 1, 1, 6, 'late', '{}', now())`,
    [source],
  );
  expect(await audited(source)).toMatchObject({ ok: true, unstored: 1, parts: [{ missing: 1, repaired: 0 }] });
  const told = await verify(source, '--quick', '--deep', '--repair');
  expect(told.out).toContain('1 event is not stored for a reason');
  expect(await stored(source)).toBe(199);
});

test('the contents of a tree are read again: a file that changed under its old times is told', async () => {
  const source = uniqueSource('audited');
  const root = join(home, source);
  mkdirSync(join(root, 'in'), { recursive: true });
  for (const name of ['a', 'in/b', 'in/c']) writeFileSync(join(root, name), name);
  await worker.sync({ source: { type: 'filesystem', id: source, options: { root, settleMs: 0 } } });
  expect(await audited(source)).toMatchObject({ ok: true, parts: [{ part: root, there: 4, read: 4, unit: 'entry' }] });
  writeFileSync(join(root, 'in/new'), 'new');
  rmSync(join(root, 'a'));
  expect(await audited(source)).toMatchObject({ ok: true, parts: [{ there: 5, read: 3 }] });
  await database.pool.query(
    `update source_state set value = jsonb_set(value - 'racy', '{sha256}', to_jsonb(repeat('0', 64))) where source = $1 and key = 'in/c'`,
    [source],
  );
  const { ok, parts } = await audited(source);
  expect(ok).toBe(false);
  expect(parts).toContainEqual(
    expect.objectContaining({ part: `${root}/in/c`, differs: expect.stringContaining('contents') }),
  );
});

test('in which file the missing ones are is no matter: more of them than have a reason is a gap', async () => {
  const { source, path, read } = await aLog();
  renameSync(path, `${path}.1`);
  writeFileSync(path, lines(201, 210));
  await read();
  await lose(source, `data ->> 'path' in ('/7', '/205')`);
  await database.pool.query(
    `insert into deferred (source, epoch, page, ordinal, stage, event, next_at) values ($1, 1, 1, 6, 'late', '{}', now())`,
    [source],
  );
  expect(await audited(source)).toMatchObject({ ok: false, explained: false, parts: [{ missing: 1 }, { missing: 1 }] });
  expect((await verify(source, '--quick', '--deep')).out.match(/FAIL {2}.*audited.*\.log/g)).toHaveLength(2);
});

test('what was read by other options may be stored under another identity: told, and not stored again', async () => {
  const source = uniqueSource('audited');
  const path = join(home, `${source}.jsonl`);
  writeFileSync(path, '{"n":1,"m":2}\n');
  const input = { source: { type: 'jsonl', id: source, options: { path } } };
  await worker.sync(input);
  await worker.sync({ source: { ...input.source, options: { path, id: '/n' } } });
  const told = await verify(source, '--quick', '--deep', '--repair');
  expect(told.code).toBe(3);
  expect(told.out).toContain('options changed since some of it was read');
  expect(await stored(source)).toBe(1);
});

test('addresses that were masked by a key are found: the key is where the worker has it', async () => {
  const source = uniqueSource('audited');
  const path = join(home, `${source}.log`);
  writeFileSync(path, lines(1, 3));
  const secrets = join(worker.home, 'secrets');
  mkdirSync(secrets, { recursive: true });
  writeFileSync(join(secrets, 'audited'), 'a-key-of-this-test-0123456789');
  const options = { path, maskAddresses: 'hash', maskKey: 'file:audited' };
  await worker.sync({ source: { type: 'api_log', id: source, options } });
  expect(await audited(source)).toMatchObject({ ok: true, parts: [{ events: 3, missing: 0 }] });
  rmSync(join(secrets, 'audited'));
  await expect(audited(source)).rejects.toThrow('file:audited');
});

test('a source that cannot be compared, another machine and words that do not fit are told', async () => {
  const git = uniqueSource('synthetic');
  await worker.sync({ source: { type: 'synthetic', id: git, options: { events: 10 } } });
  const refused = await verify(git, '--quick', '--deep');
  // Before the proof, which may take minutes.
  expect([refused.code, refused.out, refused.err]).toEqual([2, '', expect.stringContaining('--deep: ')]);
  expect(await verify('--repair')).toMatchObject({ code: 2, err: expect.stringContaining('--deep') });
  const { source } = await aLog();
  await database.pool.query(`update pages set host = 'elsewhere' where source = $1`, [source]);
  const told = await verify(source, '--quick', '--deep');
  expect([told.code, told.out]).toEqual([3, expect.stringContaining('it was read on elsewhere')]);
});
