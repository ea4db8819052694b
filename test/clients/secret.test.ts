// tributary secret: what is given comes to the folder and nowhere else: no output, no argument, no environment.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { sourceSecrets } from '../../src/secrets.js';
import { startTributary, tributary, type Outcome } from './command.js';

const home = mkdtempSync(join(tmpdir(), 'tributary-secret-'));
const secrets = join(home, 'secrets');
afterAll(() => rmSync(home, { recursive: true, force: true }));

const canary = 'canary-5e1f';

function secret(...words: string[]): Promise<Outcome> {
  return tributary(['secret', ...words], { TRIBUTARY_HOME: home });
}

/** What other people of the machine may see of a process, and what its owner may. */
function seenOf(pid: number): string {
  return ['cmdline', 'environ'].map((name) => readFileSync(`/proc/${pid}/${name}`, 'utf8')).join(' ');
}

async function store(...words: string[]): Promise<Outcome> {
  const { child, ended } = startTributary(['secret', 'set', ...words], { TRIBUTARY_HOME: home }, { input: true });
  child.stdin!.write(canary);
  const seen = seenOf(child.pid!);
  child.stdin!.end('\n');
  const outcome = await ended;
  expect(`${seen} ${outcome.out} ${outcome.err}`).not.toContain(canary);
  return outcome;
}

test('set, list and remove: for people and for programs, and the secret is told to neither', async () => {
  expect(await store('acme')).toMatchObject({
    code: 0,
    out: 'acme is stored; an option of a source names it: file:acme\n',
    err: '',
  });
  expect(await store('acme', '--json')).toMatchObject({
    code: 0,
    items: [{ outcome: 'replaced', name: 'acme', reference: 'file:acme' }],
  });
  expect(await sourceSecrets(secrets)('file:acme')).toBe(canary);
  const [lines, items] = await Promise.all([secret('list'), secret('list', '--json')]);
  expect(lines.out).toMatch(/^reference +changed\nfile:acme +\d{4}-\d\d-\d\dT\S+Z\n$/);
  expect(items.items).toEqual([
    { name: 'acme', reference: 'file:acme', changedAt: expect.stringMatching(/^\d{4}-.*Z$/) },
  ]);
  expect(`${lines.out} ${items.out}`).not.toContain(canary);
  expect(await secret('remove', 'acme', '--json')).toMatchObject({
    code: 0,
    items: [{ outcome: 'removed', name: 'acme', reference: 'file:acme' }],
  });
  expect(await secret('list', '--json')).toMatchObject({ code: 0, out: '' });
});

test('nothing given, and nothing of that name to remove, is wrong use', async () => {
  expect(await secret('set', 'acme')).toMatchObject({
    code: 2,
    out: '',
    err: 'error: secret: is empty; type it, or pipe it in\n',
  });
  expect(await secret('remove', 'nobody')).toMatchObject({
    code: 2,
    out: '',
    err: `error: name: nobody is no secret in ${secrets}\n`,
  });
});

test('given as an argument it is refused and not repeated', async () => {
  const refused = await secret('set', 'acme', canary);
  expect(refused).toMatchObject({ code: 2, out: '' });
  expect(refused.err).not.toContain(canary);
  expect(await secret('list', '--json')).toMatchObject({ code: 0, out: '' });
});
