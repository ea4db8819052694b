// On a real terminal of any width: no line of ours wraps, and what tells most is the last to go.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { packageRoot } from '../../../src/package-root.js';
import { pasteable } from '../../../src/clients/terminal/own-command.js';
import { widthOf } from '../../../src/clients/terminal/text-width.js';
import { persistPage } from '../../../src/store/persist.js';
import { after, anEvent, aPage, aSourceRow, openedRun, stored } from '../../support/builders.js';
import { testDatabase } from '../../support/database.js';
import { createHeldSources } from '../../support/held-sources.js';
import { linesOf, onTerminal, type OnTerminal } from '../../support/pty.js';
import { share } from '../../support/share.js';
import { testWorker, uniqueQueue, type TestWorker } from '../../support/temporal.js';

const database = testDatabase();
const taskQueue = uniqueQueue('widths');
const sources = createHeldSources();
const sha = '0123456789abcdef0123456789abcdef01234567';
let worker: TestWorker;

beforeAll(async () => {
  let run = await openedRun(database.pool, aSourceRow({ id: 'acme/payments-api' }));
  const events = [1, 2, 3].map((n) =>
    stored(
      anEvent(
        'acme/payments-api',
        n,
        { message: `Make the parser understand raw strings, number ${n}` },
        { type: 'acme.change', subject: sha, time: '2026-01-01T10:20:30Z' },
      ),
    ),
  );
  const letter = {
    stage: 'validate',
    code: 'not_json',
    error: 'the record is not JSON: Unexpected token',
    event: null,
  };
  const dead = [4, 5].map((ordinal) => ({ ...letter, ordinal, raw: Buffer.from('x') }));
  const page = aPage(run, { events, dead });
  await persistPage(database.pool, page);
  run = after(run, page);
  worker = await testWorker(database, { taskQueue, ...sources.fault });
});
afterAll(() => worker.stop());

function start(columns: number, words: readonly string[], locale = 'C.UTF-8'): OnTerminal {
  const named = Object.entries(process.env).filter(
    ([name]) => !/^(LC_|LANG|TEMPORAL_|TRIBUTARY_|DATABASE_URL|NO_COLOR|FORCE_COLOR)/.test(name),
  );
  return onTerminal([process.execPath, join(packageRoot, 'bin', 'tributary.js'), ...words], columns, {
    ...Object.fromEntries(named),
    LC_ALL: locale,
    // Where another home lies is told, too, by a path of any length.
    HOME: '/nonexistent',
    DATABASE_URL: database.url,
    TEMPORAL_ADDRESS: inject('temporalAddress'),
    TRIBUTARY_TASK_QUEUE: taskQueue,
    TRIBUTARY_HOME: '/nonexistent',
  });
}

async function shown(columns: number, ...words: string[]): Promise<string[]> {
  const { code, written } = await start(columns, words).ended;
  expect({ words, code }).toEqual({ words, code: 0 });
  return linesOf(written);
}

/** Addresses and paths are there to be pasted, so they stay whole; the rest is ours to fit. */
function ours(lines: readonly string[]): string[] {
  return lines.filter((line) => !/^home |127\.0\.0\.1|postgresql:|\/namespaces\/|psql|Temporal UI|--after /.test(line));
}

const widths = [120, 80, 60, 40, 0] as const;

describe.each(share(widths, 1))('%i columns', (columns) => {
  const fits = (lines: readonly string[]): void => {
    if (columns > 0) expect(ours(lines).filter((line) => widthOf(line) > columns)).toEqual([]);
  };

  test('events tell what each is about, and shorten the id of a commit as git does', async () => {
    const lines = await shown(columns, 'events');
    fits(lines);
    expect(lines.join('\n')).toMatch(/Make the parser under/);
    if (columns === 0) expect(lines.join('\n')).toContain(sha);
    else expect(lines.join('\n')).not.toContain(sha.slice(0, 11));
    if (columns >= 60) expect(lines.join('\n')).toContain(sha.slice(0, columns === 60 ? 9 : 10));
    expect(lines[0]).toMatch(/about/);
  });

  test('status tells of dead letters, and of each source how it stands', async () => {
    const lines = await shown(columns, 'status');
    fits(lines);
    const head = lines.find((line) => line.startsWith('source'))!;
    const row = lines.find((line) => line.startsWith('acme/'))!;
    expect(head).toMatch(/state.*dead/);
    expect(row).toMatch(/abandoned.* 2\b/);
  });

  test('doctor says of each setting where it comes from', async () => {
    // There is no home here, which it tells by its exit code.
    const lines = linesOf((await start(columns, ['doctor']).ended).written);
    expect(lines.find((line) => line.startsWith('setting'))).toMatch(
      columns === 40 ? /^setting +in force/ : /^setting +from +in force/,
    );
  });

  test('stats have their figures, and bars where there is room', async () => {
    const lines = await shown(columns, 'stats', '--days', '2');
    fits(lines);
    expect(lines.join('\n')).toMatch(/\d{4}-\d\d-\d\d +\d+/);
    expect(lines.join('\n')).toContain('█');
    expect(lines.find((line) => /^ *source/.test(line))).toMatch(/inserted.*dead/);
  });

  test('types, sources and dead letters', async () => {
    const types = await shown(columns, 'types', 'git');
    fits(types);
    expect(types.join(' ').replaceAll(/\s+/g, ' ')).toContain('git.commit_unreachable');
    const listed = await shown(columns, 'sources', 'list');
    fits(listed);
    expect(listed.find((line) => line.startsWith('acme/pay'))).toMatch(/abandoned/);
    const letters = await shown(columns, 'dead-letters', 'list');
    fits(letters);
    expect(letters[1]).toMatch(
      columns === 40 ? /acme\/payments-api@1\.1\.4/ : /acme\/payments-api@1\.1\.4.*the record is/,
    );
  });

  test('the hint below dead letters can be pasted where it was printed', async () => {
    const letters = await shown(columns, 'dead-letters', 'list', 'acme/payments-api');
    expect(letters.join(' ').replaceAll(/\s+/g, ' ')).toContain(
      pasteable('`tributary dead-letters show acme/payments-api@1.1.5`'),
    );
  });

  test('verify says what it proved without a line that wraps', async () => {
    const lines = await shown(columns, 'verify');
    fits(lines.filter((line) => !line.startsWith('proved')));
    expect(lines.join(' ').replaceAll(/\s+/g, ' ')).toContain('dead letters and decisions are as they were committed');
  });

  test('help ends its lines between words', async () => {
    for (const words of [['--help'], ['sources', 'set', '--help'], ['sync', 'git', '--help']]) {
      const lines = await shown(columns, ...words);
      if (columns > 0)
        expect(
          lines.filter((line) => widthOf(line) > columns && line.trim().includes(' ') && !/^ +'/.test(line)),
        ).toEqual([]);
      expect(lines.join(' ').replaceAll(/\s+/g, ' ')).toMatch(/Usage: tributary .*Example: \$ (npx )?tributary /);
    }
  });

  test('progress keeps its share, its speed and the time left', async () => {
    const { source, input, gate } = sources.hold('widths', columns + 1);
    await worker.start(input);
    await gate.reached;
    const { child, until, ended } = start(columns, ['sync', source]);
    await until(/\d+ %/);
    child.kill('SIGTERM');
    gate.open();
    const { written } = await ended;
    const drawn = linesOf(written).filter((line) => / %/.test(line));
    expect(drawn.length).toBeGreaterThan(0);
    const most = columns === 0 ? 79 : columns - 1;
    for (const line of drawn) {
      expect(line).toMatch(/\d+ %.* · [\d,]+\/s · .*(left|ms|\ds)/);
      expect(widthOf(line), line).toBeLessThanOrEqual(most);
    }
  });
});

test('where the locale has no UTF-8, what is drawn is ASCII', async () => {
  for (const words of [['stats'], ['events', 'acme/payments-api'], ['sources', 'list']]) {
    const { written } = await start(60, words, 'C').ended;
    // oxlint-disable-next-line no-control-regex -- ASCII is what is asked for
    expect(written).toMatch(/^[\u0000-\u007f]+$/);
  }
  expect(linesOf((await start(80, ['stats'], 'C').ended).written).join('\n')).toMatch(/\d {2}#+/);
});

test('status --watch draws again, and q ends it well; Ctrl-C ends it as interrupted', async () => {
  for (const [key, code] of [
    ['q', 0],
    ['\u0003', 130],
  ] as const) {
    const { press, until, ended } = start(80, ['status', '--watch', '--every', '500ms']);
    await until(/acme\/payments-api[\s\S]*acme\/payments-api/);
    press(key);
    const { code: found, written } = await ended;
    expect(found).toBe(code);
    // The screen that was there before is back.
    expect(written).toContain('\u001b[?1049l');
  }
});
