// The hook itself: what it does to the commit (nothing) and what it survives.
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { getPriority } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { hookNames, hookScript, parseHook } from '../../../src/clients/hook/script.js';
import { loadConfig } from '../../../src/config.js';
import { limits } from '../../../src/limits.js';
import { eventually } from '../../support/eventually.js';
import { gitEnvironment, HookedRepository, temporaryDirectory } from './hooked-repository.js';

/** A line break is refused in a home, so this has none. */
const nasty = `it's "a" $(touch canary) \`touch canary\`; touch canary & \\`;

test('a commit returns at once with nothing said, while its nudge is still at work, and holds none of its pipes', async () => {
  const repository = new HookedRepository();
  repository.install();
  repository.close();
  // git's pipes are read to their end here: a nudge that held one would hold this up for ever.
  expect(repository.git(['commit', '-q', '--allow-empty', '-m', 'one'])).toEqual({ code: 0, out: '', err: '' });
  const [seen] = await eventually('the nudge runs', () => repository.nudges().length > 0 && repository.nudges());
  expect(seen!.priority).toBeGreaterThan(getPriority());
  expect(seen).toMatchObject({
    words: ['acme/api'],
    head: repository.head(),
    environment: { TRIBUTARY_HOME: repository.home, TRIBUTARY_TASK_QUEUE: 'tributary' },
  });
  repository.open();
  await repository.settled();
  expect(repository.log()).toEqual(['ran']);
});

test.runIf(existsSync('/proc/self/fd'))('a nudge has a session of its own, and no file but its log', async () => {
  const repository = new HookedRepository();
  repository.install();
  repository.close();
  repository.commit();
  const [seen] = await eventually('the nudge runs', () => repository.nudges().length > 0 && repository.nudges());
  const descriptors = [0, 1, 2].map((number) => readlinkSync(`/proc/${seen!.pid}/fd/${number}`));
  expect(descriptors).toEqual(['/dev/null', join(repository.home, 'hook.log'), join(repository.home, 'hook.log')]);
  expect(readlinkSync(`/proc/${seen!.pid}/cwd`)).toBe(join(repository.home, 'hooks', 'acme+api'));
  const fields = readFileSync(`/proc/${seen!.pid}/stat`, 'latin1').split(') ')[1]!.split(' ');
  expect(Number(fields[3])).toBe(seen!.pid);
  repository.open();
  await repository.settled();
  await eventually('it leaves no zombie', () => !existsSync(`/proc/${seen!.pid}`));
});

test('Ctrl-C and a closed terminal end neither the nudge nor what waits behind it', async () => {
  const repository = new HookedRepository();
  repository.install();
  repository.close();
  const job = repository.commitAsJob();
  await once(job, 'exit');
  await eventually('the nudge runs', () => repository.nudges().length === 1);
  repository.commit();
  await eventually('the next is marked', () => existsSync(repository.state('pending')));
  for (const signal of ['SIGINT', 'SIGHUP'] as const) process.kill(-job.pid!, signal);
  repository.open();
  await repository.settled(2);
  expect(repository.nudges().at(-1)!.head).toBe(repository.head());
});

test.runIf(existsSync('/dev/full'))('a log that is a device is not measured, and the nudge runs', async () => {
  const repository = new HookedRepository();
  repository.install();
  symlinkSync('/dev/full', join(repository.home, 'hook.log'));
  repository.commit();
  await repository.settled();
});

describe('a commit never fails, and nothing is said, with', () => {
  const quiet = { code: 0, out: '', err: '' };
  const commit = ['commit', '-q', '--allow-empty', '-m', 'one'];

  const broken: Record<string, (repository: HookedRepository) => NodeJS.ProcessEnv | void> = {
    'node and Tributary gone': (repository) =>
      repository.install({ node: '/nowhere/node', program: '/nowhere/nudge.js' }),
    'the home gone': (repository) => rmSync(repository.home, { recursive: true }),
    'a file where the home was': (repository) => (
      rmSync(repository.home, { recursive: true }),
      writeFileSync(repository.home, '')
    ),
    'a file where its state is': (repository) => writeFileSync(join(repository.home, 'hooks'), ''),
    'directories where its files are': (repository) => {
      for (const file of ['lock', 'pending'] as const) mkdirSync(repository.state(file), { recursive: true });
    },
    'a log that takes nothing': (repository) => symlinkSync('/dev/full', join(repository.home, 'hook.log')),
    'a home that may not be written': (repository) => chmodSync(repository.home, 0o500),
    'no HOME, no TERM, no DISPLAY': () => gitEnvironment({ HOME: undefined, TERM: undefined, DISPLAY: undefined }),
    'CDPATH, ENV and BASH_ENV set': () => gitEnvironment({ CDPATH: '/:/tmp', ENV: '/nowhere', BASH_ENV: '/nowhere' }),
  };

  test.each(Object.entries(broken))('%s', (_, breakIt) => {
    const repository = new HookedRepository();
    repository.install();
    expect(repository.git(commit, breakIt(repository) ?? undefined)).toEqual(quiet);
    if (existsSync(repository.home)) chmodSync(repository.home, 0o700);
  });

  const shells: Record<string, string> = {
    'no variable at all': 'exec env -i "$1"',
    'an empty PATH': 'PATH= "$1"',
    'its standard files closed': '"$1" <&- >&- 2>&-',
    // What a full disk is to a program that writes: every write fails.
    'no file that can grow': `trap '' XFSZ; ulimit -f 0; exec "$1"`,
  };

  test.each(Object.entries(shells))('%s', (_, line) => {
    const repository = new HookedRepository();
    repository.install();
    const { status, stdout, stderr } = spawnSync('sh', ['-c', line, 'sh', join(repository.hooks, 'post-commit')], {
      cwd: repository.path,
      env: gitEnvironment(),
      encoding: 'utf8',
    });
    expect({ code: status, out: stdout, err: stderr }).toEqual(quiet);
  });

  test('no setsid and no nice', async () => {
    const repository = new HookedRepository();
    repository.install();
    const tools = temporaryDirectory();
    for (const tool of ['date', 'find', 'git', 'mkdir', 'mv', 'rm', 'sh', 'wc']) {
      symlinkSync(spawnSync('sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).stdout.trim(), join(tools, tool));
    }
    repository.commit();
    expect(repository.runHook('post-commit', [], '', gitEnvironment({ PATH: tools }))).toEqual({ code: 0, out: '' });
    await repository.settled();
  });
});

test('what is missing is said in the log', async () => {
  const repository = new HookedRepository();
  repository.install({ program: '/nowhere/nudge.js' });
  repository.commit();
  const [line] = await eventually('it is said', () => repository.log().length > 0 && repository.log());
  expect(line).toMatch(
    /^\d{4}-\d\d-\d\dT\S+Z acme\/api: Tributary is no longer where it was; run `tributary hook install` again$/,
  );
});

test('without a stack nothing is started, unless it was asked for', async () => {
  const repository = new HookedRepository();
  rmSync(join(repository.home, 'stack.json'));
  repository.install();
  repository.runHook('post-commit');
  repository.install({}, { start: true });
  repository.commit();
  await repository.settled();
  // At the priority of the shell, which the stack keeps.
  expect(repository.nudges()).toMatchObject([{ words: ['acme/api', '--start'], priority: getPriority() }]);
});

test('the log stays small', async () => {
  const repository = new HookedRepository();
  repository.install();
  const log = join(repository.home, 'hook.log');
  for (const size of [limits.hookLogBytesMax + 1, limits.hookLogBytesMax + 2]) {
    writeFileSync(log, 'x'.repeat(size));
    const before = repository.nudges().length;
    repository.commit();
    await repository.settled(before + 1);
    expect([statSync(log).size, statSync(`${log}.1`).size]).toEqual(['ran\n'.length, size]);
  }
});

test('settings of the shell that commits do not reach the nudge', async () => {
  const repository = new HookedRepository();
  repository.install();
  repository.commit(
    'one',
    gitEnvironment({
      DATABASE_URL: 'mysql://other',
      TEMPORAL_ADDRESS: 'other:1',
      TEMPORAL_PROFILE: 'other',
      TEMPORAL_API_KEY: 'secret',
      TRIBUTARY_HOME: '/other',
      NODE_OPTIONS: '--nonsense',
    }),
  );
  await repository.settled();
  const { environment } = repository.nudges()[0]!;
  expect(environment).toMatchObject({ TRIBUTARY_HOME: repository.home });
  for (const name of ['DATABASE_URL', 'TEMPORAL_ADDRESS', 'TEMPORAL_PROFILE', 'TEMPORAL_API_KEY', 'NODE_OPTIONS'])
    expect(environment).not.toHaveProperty(name);
});

test('paths are text and never commands', async () => {
  const repository = new HookedRepository(nasty);
  repository.install();
  repository.commit();
  await repository.settled();
  expect(repository.nudges()).toMatchObject([
    { words: ['acme/api'], environment: { TRIBUTARY_HOME: repository.home } },
  ]);
  for (const directory of [
    repository.path,
    repository.home,
    repository.hooks,
    join(repository.home, 'hooks', 'acme+api'),
    process.cwd(),
  ]) {
    expect(existsSync(join(directory, 'canary'))).toBe(false);
  }
});

test('what a hook was made with can be read from it again, and every shell at hand can read it', () => {
  const config = loadConfig({
    TRIBUTARY_HOME: `/${nasty}`,
    TEMPORAL_ADDRESS: 'temporal.example:7233',
    TEMPORAL_PROFILE: `${nasty}\n`,
  });
  for (const name of hookNames) {
    const text = hookScript(name, { source: 'acme/api', start: true }, config);
    expect(parseHook(text)).toEqual({ version: 1, source: 'acme/api', home: `/${nasty}`, changed: false });
    expect(text).not.toMatch(/@\w+@/);
    for (const shell of ['sh', 'dash', 'bash', 'ksh', 'zsh', 'busybox']) {
      const { error, status, stderr } = spawnSync(shell, [...(shell === 'busybox' ? ['sh'] : []), '-n'], {
        input: text,
        encoding: 'utf8',
      });
      if (error === undefined) expect({ shell, status, stderr }).toEqual({ shell, status: 0, stderr: '' });
    }
  }
  expect(parseHook('#!/bin/sh\necho 1\n# tributary-hook 1 0\n')).toBeNull();
});
