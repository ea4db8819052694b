// Servers of one's own that are half set, wrong or away: every command that uses them, and the worker, says in one line which
// service, which variable and what to do; none shows another database, and none a trace.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, inject, test, vi } from 'vitest';
import { main } from '../../src/clients/program.js';
import { testDatabase } from '../support/database.js';
import { share } from '../support/share.js';
import { tributary } from './command.js';

const database = testDatabase();
const directory = mkdtempSync(join(tmpdir(), 'tributary-connections-'));
const before = { ...process.env };
const named = ['DATABASE_URL', 'TEMPORAL_ADDRESS'];
let [out, err] = ['', ''];

beforeAll(() => {
  writeFileSync(join(directory, 'temporal.toml'), '[profile.theirs]\naddress = "127.0.0.1:1"\n');
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((err += String(text)), true));
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((out += String(text)), true));
  process.stdout.setMaxListeners(0);
});
afterEach(restore);
afterAll(() => {
  vi.restoreAllMocks();
  restore();
  rmSync(directory, { recursive: true, force: true });
});

/** The same object all the time: programs keep it. */
function restore(): void {
  for (const name of [...Object.keys(process.env), ...named]) delete process.env[name];
  for (const [name, value] of Object.entries(before)) if (!named.includes(name)) process.env[name] = value;
}

interface Fault {
  readonly what: string;
  /** Whose fault it is: commands that do not use that service work. */
  readonly of: 'both' | 'postgres' | 'temporal';
  readonly set: (right: Right) => Record<string, string | undefined>;
  readonly says: RegExp;
  readonly code: number;
}

interface Right {
  readonly DATABASE_URL: string;
  readonly TEMPORAL_ADDRESS: string;
}

function withUrl(url: string, change: (url: URL) => void): { DATABASE_URL: string } {
  const changed = new URL(url);
  change(changed);
  return { DATABASE_URL: changed.href };
}

const faults: readonly Fault[] = [
  {
    what: 'DATABASE_URL without TEMPORAL_ADDRESS',
    of: 'both',
    set: () => ({ TEMPORAL_ADDRESS: undefined }),
    says: /^TEMPORAL_ADDRESS: is not set, and DATABASE_URL is: .* set TEMPORAL_ADDRESS .* or unset DATABASE_URL/,
    code: 2,
  },
  {
    what: 'TEMPORAL_ADDRESS without DATABASE_URL',
    of: 'both',
    set: () => ({ DATABASE_URL: undefined }),
    says: /^DATABASE_URL: is not set, and TEMPORAL_ADDRESS is: .* set DATABASE_URL, or unset TEMPORAL_ADDRESS/,
    code: 2,
  },
  {
    what: 'a profile without DATABASE_URL',
    of: 'both',
    set: () => ({ DATABASE_URL: undefined, TEMPORAL_ADDRESS: undefined, TEMPORAL_PROFILE: 'theirs' }),
    says: /^DATABASE_URL: is not set, and a Temporal profile is: .* unset TEMPORAL_PROFILE/,
    code: 2,
  },
  {
    what: 'a url that is not one of Postgres',
    of: 'both',
    set: () => ({ DATABASE_URL: 'mysql://me:hunter2@127.0.0.1/x' }),
    says: /^environment: DATABASE_URL: expected postgres:\/\/user@host:port\/database/,
    code: 2,
  },
  {
    what: 'a Temporal profile that is not there',
    of: 'both',
    set: () => ({ TEMPORAL_PROFILE: 'ours', TEMPORAL_CONFIG_FILE: join(directory, 'temporal.toml') }),
    says: /^TEMPORAL_PROFILE: found no profile "ours" in .*temporal\.toml, which has theirs; name one of them, or unset it/,
    code: 2,
  },
  {
    what: 'a Temporal configuration file that is not there',
    of: 'both',
    set: () => ({ TEMPORAL_CONFIG_FILE: '/nowhere/temporal.toml' }),
    says: /^TEMPORAL_CONFIG_FILE: \/nowhere\/temporal\.toml cannot be read \(ENOENT\); correct the path/,
    code: 2,
  },
  {
    what: 'a client certificate that is not there',
    of: 'both',
    set: () => ({ TEMPORAL_TLS_CLIENT_CERT_PATH: '/nowhere/cert', TEMPORAL_TLS_CLIENT_KEY_PATH: '/nowhere/key' }),
    says: /^TEMPORAL_TLS_CLIENT_CERT_PATH: \/nowhere\/cert cannot be read \(ENOENT\); correct the path/,
    code: 2,
  },
  {
    what: 'a client certificate without its key',
    of: 'both',
    set: () => ({ TEMPORAL_TLS_CLIENT_CERT_PATH: '/nowhere/cert' }),
    says: /^TEMPORAL_TLS_CLIENT_KEY_PATH: is not set, and TEMPORAL_TLS_CLIENT_CERT_PATH is/,
    code: 2,
  },
  {
    what: 'a port where no Postgres is',
    of: 'postgres',
    set: ({ DATABASE_URL }) => withUrl(DATABASE_URL, (url) => (url.port = '1')),
    says: /^Postgres at 127\.0\.0\.1:1 does not answer \(ECONNREFUSED\); start it, or correct .* DATABASE_URL/,
    code: 1,
  },
  {
    what: 'the port of another program',
    of: 'postgres',
    set: ({ DATABASE_URL, TEMPORAL_ADDRESS }) => withUrl(DATABASE_URL, (url) => (url.host = TEMPORAL_ADDRESS)),
    says: /^what answers as Postgres at 127\.0\.0\.1:\d+ .* is no Postgres; correct host and port in DATABASE_URL/,
    code: 1,
  },
  {
    what: 'a wrong password',
    of: 'postgres',
    set: ({ DATABASE_URL }) => withUrl(DATABASE_URL, (url) => (url.password = 'hunter2')),
    says: /^Postgres at 127\.0\.0\.1:\d+ refuses the password of user tributary; correct it in DATABASE_URL/,
    code: 1,
  },
  {
    what: 'no password',
    of: 'postgres',
    set: ({ DATABASE_URL }) => withUrl(DATABASE_URL, (url) => (url.password = '')),
    says: /^Postgres at 127\.0\.0\.1:\d+ wants a password for user tributary, and DATABASE_URL holds none; add it/,
    code: 1,
  },
  {
    what: 'a database that does not exist',
    of: 'postgres',
    set: ({ DATABASE_URL }) => withUrl(DATABASE_URL, (url) => (url.pathname = '/nowhere')),
    says: /^Postgres at 127\.0\.0\.1:\d+ has no database nowhere; create it, or correct the name in DATABASE_URL/,
    code: 1,
  },
  {
    what: 'a host that does not resolve',
    of: 'postgres',
    set: ({ DATABASE_URL }) => withUrl(DATABASE_URL, (url) => (url.hostname = 'nowhere.invalid')),
    says: /^Postgres cannot be reached: its host nowhere\.invalid does not resolve \(E\w+\); correct the host in DATABASE_URL/,
    code: 1,
  },
  {
    what: 'TLS where the server has none',
    of: 'postgres',
    set: ({ DATABASE_URL }) => withUrl(DATABASE_URL, (url) => url.searchParams.set('sslmode', 'require')),
    says: /^Postgres at 127\.0\.0\.1:\d+ does not offer TLS, which DATABASE_URL asks for; .* take sslmode out/,
    code: 1,
  },
  {
    what: 'a certificate of Postgres that is not there',
    of: 'postgres',
    set: ({ DATABASE_URL }) => withUrl(DATABASE_URL, (url) => url.searchParams.set('sslrootcert', '/nowhere/ca')),
    says: /^Postgres cannot be asked: the file \/nowhere\/ca that DATABASE_URL names cannot be read \(ENOENT\); correct/,
    code: 1,
  },
  {
    what: 'a port where no Temporal is',
    of: 'temporal',
    set: () => ({ TEMPORAL_ADDRESS: '127.0.0.1:1' }),
    says: /^Temporal at 127\.0\.0\.1:1 does not answer \(ECONNREFUSED\); start it, or correct TEMPORAL_ADDRESS/,
    code: 1,
  },
  {
    what: 'a namespace that does not exist',
    of: 'temporal',
    set: () => ({ TEMPORAL_NAMESPACE: 'nowhere' }),
    says: /^Temporal at 127\.0\.0\.1:\d+ has no namespace nowhere; correct TEMPORAL_NAMESPACE or .* make it/,
    code: 1,
  },
];

/** What they use; `doctor`, `status` and `worker` are looked at by themselves. */
const commands: readonly (readonly [words: string, uses: readonly ('postgres' | 'temporal')[]])[] = [
  ['up', ['postgres', 'temporal']],
  ['events', ['postgres']],
  ['stats', ['postgres']],
  ['sources list', ['postgres']],
  ['sources show a', ['postgres']],
  ['sources set a mode=once', ['postgres']],
  ['sources remove a --keep-events --yes', ['postgres', 'temporal']],
  ['dead-letters list', ['postgres']],
  ['dead-letters show a@1.1.1', ['postgres']],
  ['dead-letters discard a@1.1.1 --reason r', ['postgres']],
  ['dead-letters redrive a@1.1.1', ['postgres']],
  ['deferred list', ['postgres']],
  ['verify', ['postgres']],
  ['recent-hashes clear', ['postgres']],
  ['pause a', ['postgres']],
  ['resume a', ['postgres']],
  ['sync synthetic --set events=1', ['postgres', 'temporal']],
  ['follow synthetic --set events=1', ['postgres', 'temporal']],
  ['sync a', ['postgres', 'temporal']],
  ['stop a', ['postgres', 'temporal']],
  ['schedule a --every 5m', ['postgres']],
  ['schedule list', ['temporal']],
];

function environmentOf({ set }: Fault): Record<string, string> {
  const right = { DATABASE_URL: database.url, TEMPORAL_ADDRESS: inject('temporalAddress') };
  const wrong = { TRIBUTARY_HOME: '/nonexistent', ...right, ...set(right) };
  return Object.fromEntries(Object.entries(wrong).filter((entry): entry is [string, string] => entry[1] !== undefined));
}

async function run(words: string, fault: Fault): Promise<number> {
  [out, err] = ['', ''];
  restore();
  Object.assign(process.env, environmentOf(fault));
  return main(words.split(' '));
}

/** One line, with the sentence, and nothing of a secret or of our insides. */
function expectSentence(said: string, { says, what }: Fault, at: string): void {
  expect(said.endsWith('\n') && said.trimEnd().split('\n').length, `${at}, ${what}: ${said}`).toBe(1);
  expect(said.replace(/^error: /, ''), `${at}, ${what}`).toMatch(says);
  expect(said, at).not.toMatch(/hunter2|\n\s+at |ErrorResponse|SASL|password authentication/);
}

test.each(share(faults, 4))('$what: every command that uses it says so, in one line', async (fault) => {
  const concerned = commands.filter(([, uses]) => fault.of === 'both' || uses.includes(fault.of));
  for (const [words] of concerned) {
    const code = await run(words, fault);
    expectSentence(err, fault, words);
    expect({ words, code, out }).toEqual({ words, code: fault.code, out: '' });
  }
});

test.each(share(faults, 4))('$what: status tells it with all that is known, and does not end with 0', async (fault) => {
  const code = await run('status --json', fault);
  expect(code).toBe(fault.code);
  if (fault.of === 'both') return expectSentence(err, fault, 'status');
  const items = out.trimEnd().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>); // prettier-ignore
  const { databaseProblem, temporalProblem } = items.at(-1)!;
  expect(fault.of === 'postgres' ? databaseProblem : temporalProblem).toMatch(fault.says);
  expect(fault.of === 'postgres' ? temporalProblem : databaseProblem).toBe(null);
});

test.each(share(faults, 4))('$what: doctor finds it, and looks at the rest', async (fault) => {
  const code = await run('doctor --json', fault);
  if (err !== '') return expectSentence(err, fault, 'doctor');
  const items = out.trimEnd().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>); // prettier-ignore
  const failed = items.filter(({ state }) => state === 'fail').map(({ found }) => String(found));
  expect(
    failed.some((found) => fault.says.test(found)),
    failed.join('\n'),
  ).toBe(true);
  expect(code).toBe(1);
});

test.concurrent.each(share(faults, 4))('$what: the worker does not start, and says so in one line', async (fault) => {
  const said = await tributary(['worker'], { ...environmentOf(fault) });
  expectSentence(said.err, fault, 'worker');
  expect({ code: said.code, out: said.out }).toEqual({ code: fault.code, out: '' });
});
