// examples/logs: the README's own lines, from a log to charts in SQL, and on over a rotation. The charts are those it shows.
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { packageRoot } from '../../src/package-root.js';
import { testDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { uniqueQueue } from '../support/temporal.js';
import { keepShown, walkThrough, type Walk } from './walk.js';

const database = testDatabase();
const root = realpathSync(mkdtempSync(join(tmpdir(), 'tributary-logs-')));
let walk: Walk;
let endWorker: () => Promise<number | null>;

beforeAll(async () => {
  // As in a clone: the example finds the package, and what it depends on.
  mkdirSync(join(root, 'node_modules'));
  symlinkSync(packageRoot, join(root, 'node_modules', 'tributary-events'));
  symlinkSync(join(packageRoot, 'node_modules', 'pg'), join(root, 'node_modules', 'pg'));
  const directory = join(root, 'logs');
  cpSync(join(packageRoot, 'examples', 'logs'), directory, { recursive: true });
  walk = walkThrough('logs', directory, join(packageRoot, 'bin', 'tributary.js'), {
    HOME: root,
    TRIBUTARY_HOME: join(root, 'home'),
    DATABASE_URL: database.url,
    TEMPORAL_ADDRESS: inject('temporalAddress'),
    TRIBUTARY_TASK_QUEUE: uniqueQueue('logs'),
    TRIBUTARY_ALLOW_VOLATILE: '1',
  });
  endWorker = walk.startWorker();
  const polls = async (): Promise<boolean> => (await database.pool.query('select from workers')).rowCount === 1;
  await eventually('the worker says that it is there', polls);
});

afterAll(async () => {
  expect(await endWorker()).toBe(0);
  rmSync(root, { recursive: true });
});

async function stored(): Promise<number> {
  const { rows } = await database.pool.query<{ lines: number }>(`select count(*)::int as lines from api_log_requests`);
  return rows[0]!.lines;
}

/** What a line of the walk brings about; the others are there for what they show, or for the line after them. */
const effects: readonly (readonly [RegExp, (out: string) => unknown])[] = [
  [/^node make-log\.js 2026-03-16/, () => undefined],
  [/sync api_log/, (out) => expect(out).toMatch(/inserted +879\n/)],
  [/events /, (out) => expect(out).toMatch(/http\.access/)],
  [/hours\.sql/, () => undefined],
  [/statuses\.sql/, () => undefined],
  [/slowest\.sql/, () => undefined],
  [/>> access\.log/, () => undefined],
  [/^mv .* gzip/, () => undefined],
  [/> access\.log/, () => undefined],
  [/sync shop\/nginx/, (out) => expect(out).toMatch(/inserted +722\n/)],
  [/days\.sql/, () => undefined],
  [/follow /, () => undefined],
  [/>> access\.log/, () => eventually('the lines of the sixth day', async () => (await stored()) === 2_048)],
  [/events /, (out) => expect(out).toContain('2026-03-21')],
  [/stop /, () => undefined],
  [/verify /, (out) => expect(out).toMatch(/lost 0.*doubled 0.*invented 0.*altered 0/)],
];

test('every line of the walk works as it stands, in order; each chart is the one that is shown, and each line is stored once', async () => {
  expect(walk.steps).toHaveLength(effects.length);
  for (const [at, { command, shows }] of walk.steps.entries()) {
    const [words, effect] = effects[at]!;
    expect(command).toMatch(words);
    const { code, out, err } = await walk.run(command);
    expect(code, `${command}\n${err}`).toBe(0);
    await effect(out);
    if (shows === null) continue;
    keepShown('logs', command, out);
    expect.soft(out, command).toBe(shows);
  }
  const { rows } = await database.pool.query(
    `select count(*)::int as lines, count(distinct event_id)::int as ids, count(*) filter (where query like '%8f3a61%')::int as secrets from api_log_requests`,
  );
  expect(rows).toEqual([{ lines: 2_048, ids: 2_048, secrets: 0 }]);
});
