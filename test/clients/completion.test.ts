// Completion in the shells themselves: commands, options, values, and the ids of sources of a stack that runs.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { completedCommands } from '../../src/clients/completion/completion-data.js';
import { shells, type Shell } from '../../src/clients/completion/completion-script.js';
import { declaredProgram } from '../../src/clients/program.js';
import { listSchedules, removeSchedule, setSchedule } from '../../src/clients/schedules.js';
import { packageRoot } from '../../src/package-root.js';
import { builtInSources, createRegistry } from '../../src/sources/index.js';
import { persistPage } from '../../src/store/persist.js';
import { aPage, aSourceRow, openedRun } from '../support/builders.js';
import { testDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { testClient, uniqueSource, type TestClient } from '../support/temporal.js';
import { tributary } from './command.js';

const database = testDatabase();
const directory = mkdtempSync(join(tmpdir(), 'tributary-completion-'));
const has = (shell: string): boolean => spawnSync(shell, ['-c', 'exit 0']).status === 0;

const scheduled = uniqueSource('scheduled');
let temporal: TestClient;

/** Every command and option whose value is an id of something that is stored or scheduled. */
const taking = completedCommands(
  declaredProgram(() => async () => {}),
  { ...createRegistry(builtInSources), stages: [] },
).flatMap(({ path, arguments: given, options }) =>
  [
    ...given.map((value) => ({ path, asks: value.asks ?? [] })),
    ...options.map(({ names, value }) => ({ path: `${path} ${names[0]}`, asks: value?.asks ?? [] })),
  ].filter(({ asks }) => asks.length > 0),
);

beforeAll(async () => {
  const run = await openedRun(database.pool, aSourceRow({ id: 'acme/api' }));
  await persistPage(
    database.pool,
    aPage(run, {
      dead: [{ ordinal: 7, stage: 'validate', code: 'not_json', error: 'no JSON', event: null, raw: Buffer.from('x') }],
    }),
  );
  temporal = await testClient('completion');
  await setSchedule(temporal.client, 'completion', scheduled, {
    everyMs: 86_400_000,
    cron: undefined,
    timezone: undefined,
    jitterMs: undefined,
  });
  await eventually('it is listed', async () =>
    (await listSchedules(temporal.client)).some(({ source }) => source === scheduled),
  );
  await openedRun(database.pool, aSourceRow({ id: 'acme/web' }));
  mkdirSync(join(directory, 'bin'));
  symlinkSync(join(packageRoot, 'bin', 'tributary.js'), join(directory, 'bin', 'tributary'));
  for (const shell of shells) {
    const { code, out } = await tributary(['completion', shell], {});
    expect(code).toBe(0);
    writeFileSync(join(directory, shell), out);
  }
});

afterAll(async () => {
  await removeSchedule(temporal.client, scheduled);
  await temporal.close();
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function environment(up: boolean): NodeJS.ProcessEnv {
  const servers = ['DATABASE_URL', 'TEMPORAL_ADDRESS'];
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !servers.includes(name)));
  const stack = up ? { DATABASE_URL: database.url, TEMPORAL_ADDRESS: inject('temporalAddress') } : {};
  return {
    ...inherited,
    PATH: `${join(directory, 'bin')}${delimiter}${process.env['PATH']}`,
    TRIBUTARY_HOME: join(directory, 'home'),
    ...stack,
  };
}

/** What the shell offers for the last word; each drives the script in its own way. */
const drivers: Record<Shell, (words: readonly string[]) => string> = {
  bash: (words) => `source ${directory}/bash; complete -p tributary >/dev/null || exit 9
    COMP_LINE='${words.join(' ')}'; COMP_POINT=\${#COMP_LINE}; _tributary; printf '%s\\n' "\${COMPREPLY[@]}"`,
  // compadd is zsh's own and works on a terminal alone: what it is given is what it would offer.
  zsh: (words) => `compdef() { [[ "$*" == "_tributary tributary" ]] || exit 9; }; _files() { print FILES; }
    compadd() { shift; local word; for word; do [[ "$word" == "$words[CURRENT]"* ]] && print -- "$word"; done; true; }
    source ${directory}/zsh; words=(${words.map((word) => `'${word}'`).join(' ')}); CURRENT=${words.length}; _tributary`,
  fish: (words) => `source ${directory}/fish; complete -C '${words.join(' ')}'`,
};

function offered(shell: Shell, line: string, up = true): string[] {
  const out = execFileSync(shell, ['-c', drivers[shell](line.split(' '))], { env: environment(up), encoding: 'utf8' });
  // fish adds the summary after a tab.
  return out
    .split('\n')
    .map((word) => word.split('\t')[0]!)
    .filter((word) => word !== '');
}

// bash is everywhere; the others are tested where they are installed, and their scripts are made from the same cases.
describe.each(shells.filter(has))('%s', (shell) => {
  test('commands', () => {
    expect(offered(shell, 'tributary ev')).toEqual(['events']);
    expect(offered(shell, 'tributary s')).toEqual(expect.arrayContaining(['sync', 'status', 'stats', 'stop']));
    expect(offered(shell, 'tributary nonsense')).toEqual([]);
  });

  test('options of the command, and only its own', () => {
    expect(offered(shell, 'tributary events --au')).toEqual(['--author']);
    expect(offered(shell, 'tributary events --source acme/api --ol')).toEqual(['--oldest']);
    expect(offered(shell, 'tributary down --au')).toEqual([]);
  });

  test('values of an option and of an argument', () => {
    expect(offered(shell, 'tributary completion f')).toEqual(['fish']);
    expect(offered(shell, 'tributary events --type git.f')).toEqual(['git.file_change']);
    expect(offered(shell, 'tributary events --type git.c')).toContain('git.commit');
    expect(offered(shell, 'tributary sync g')).toContain('git');
    expect(offered(shell, 'tributary sources set acme/api batch.e')).toEqual(['batch.events=']);
    expect(offered(shell, 'tributary sources set acme/api --unset mo')).toEqual(['mode']);
    expect(offered(shell, 'tributary dead-letters list --stage val')).toEqual(['validate']);
    expect(offered(shell, 'tributary dead-letters list --state disc')).toEqual(['discarded']);
    expect(offered(shell, 'tributary logs wor')).toEqual(['worker']);
    expect(offered(shell, 'tributary types syn')).toEqual(['synthetic']);
  });

  test('ids of sources, from the database', () => {
    expect(offered(shell, 'tributary verify acme/a')).toEqual(['acme/api']);
    expect(offered(shell, 'tributary sources remove acme/a')).toEqual(['acme/api']);
    expect(offered(shell, 'tributary events --source acme/')).toEqual(['acme/api', 'acme/web']);
  });

  test.each(taking.map(({ path, asks }) => [path, asks] as const))('ids wherever one is taken: %s', (path, asks) => {
    if (asks.includes('sources')) expect(offered(shell, `tributary ${path} acme/a`)).toContain('acme/api');
    // readline replaces the last @ and what stands behind it (tried in an interactive bash 5.2).
    if (asks.includes('letters'))
      expect(offered(shell, `tributary ${path} acme/api@1.`)).toEqual([shell === 'bash' ? '@1.1.7' : 'acme/api@1.1.7']);
    if (asks.includes('schedules'))
      expect(offered(shell, `tributary ${path} ${scheduled.slice(0, -1)}`)).toEqual([scheduled]);
  });

  test('nothing, and no error, when nothing runs', () => {
    expect(offered(shell, 'tributary verify acme/a', false)).toEqual([]);
  });
});

test('bash is among the shells tested', () => {
  expect(shells.filter(has)).toContain('bash');
});

test('an unknown shell is wrong use', async () => {
  expect(await tributary(['completion', 'tcsh'], {})).toMatchObject({
    code: 2,
    out: '',
    err: 'error: shell: found "tcsh", expected one of bash, zsh, fish\n',
  });
});
