// Completion in the shells themselves: commands, options, values, and the ids of sources of a stack that runs.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { shells, type Shell } from '../../src/clients/completion/completion-script.js';
import { packageRoot } from '../../src/package-root.js';
import { aSourceRow, openedRun } from '../support/builders.js';
import { testDatabase } from '../support/database.js';
import { tributary } from './command.js';

const database = testDatabase();
const directory = mkdtempSync(join(tmpdir(), 'tributary-completion-'));
const has = (shell: string): boolean => spawnSync(shell, ['-c', 'exit 0']).status === 0;

beforeAll(async () => {
  await openedRun(database.pool, aSourceRow({ id: 'acme/api' }));
  await openedRun(database.pool, aSourceRow({ id: 'acme/web' }));
  mkdirSync(join(directory, 'bin'));
  symlinkSync(join(packageRoot, 'bin', 'tributary.js'), join(directory, 'bin', 'tributary'));
  for (const shell of shells) {
    const { code, out } = await tributary(['completion', shell], {});
    expect(code).toBe(0);
    writeFileSync(join(directory, shell), out);
  }
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
    COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _tributary; printf '%s\\n' "\${COMPREPLY[@]}"`,
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
  });

  test('ids of sources, from the database', () => {
    expect(offered(shell, 'tributary verify acme/a')).toEqual(['acme/api']);
    expect(offered(shell, 'tributary sources remove acme/a')).toEqual(['acme/api']);
    expect(offered(shell, 'tributary events --source acme/')).toEqual(['acme/api', 'acme/web']);
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
