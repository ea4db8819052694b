// One nudge at a time, few for many commits, and the last commit is never missed.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { eventually } from '../../support/eventually.js';
import { gitEnvironment, HookedRepository } from './hooked-repository.js';

test('fifty commits during a nudge are one more nudge, which sees the last of them', async () => {
  const repository = new HookedRepository();
  repository.install();
  repository.close();
  const first = repository.commit();
  await eventually('the nudge runs', () => repository.nudges().length === 1);
  for (let at = 1; at <= 50; at++) repository.commit(`commit ${at}`);
  await eventually('they are marked', () => existsSync(repository.state('pending')));
  repository.open();
  await repository.settled(2);
  expect(repository.nudges().map(({ head }) => head)).toEqual([first, repository.head()]);
});

test('a rebase of many commits is a few nudges, and the last of them sees its end', async () => {
  const repository = new HookedRepository();
  repository.commit('root');
  repository.git(['checkout', '-q', '-b', 'topic']);
  for (let at = 1; at <= 30; at++) repository.commit(`commit ${at}`);
  repository.git(['checkout', '-q', 'main']);
  repository.commit('meanwhile');
  repository.install();
  repository.close();
  expect(repository.git(['rebase', '-q', '--keep-empty', 'main', 'topic'])).toMatchObject({ code: 0 });
  await eventually('a nudge runs', () => repository.nudges().length > 0);
  repository.open();
  await eventually('the last nudge saw the end', () => repository.nudges().at(-1)?.head === repository.head());
  await repository.settled();
  expect(repository.nudges().length).toBeLessThanOrEqual(2);
});

test('whatever commits at once, the last nudge begins after the last commit', async () => {
  const repository = new HookedRepository();
  repository.install();
  repository.commit('root');
  for (let round = 1; round <= 5; round++) {
    // Commits of several processes would wait for each other's index; the hooks are what race here.
    const head = repository.commit(`round ${round}`);
    const hooks = Array.from({ length: 20 }, () =>
      spawn(join(repository.hooks, 'post-commit'), { cwd: repository.path, env: gitEnvironment(), stdio: 'ignore' }),
    );
    const codes = await Promise.all(hooks.map(async (hook) => ((await once(hook, 'exit')) as [number])[0]));
    expect(new Set(codes)).toEqual(new Set([0]));
    await eventually('a nudge saw it', () => repository.nudges().at(-1)?.head === head);
  }
  await repository.settled();
  expect(repository.nudges().length).toBeLessThan(100);
}, 120_000);

test('after the holder of the lock was killed, the next commit takes it over', async () => {
  const repository = new HookedRepository();
  repository.install();
  repository.close();
  repository.commit();
  const [seen] = await eventually('the nudge runs', () => repository.nudges().length > 0 && repository.nudges());
  process.kill(Number(readFileSync(repository.state('lock'), 'utf8')), 'SIGKILL');
  process.kill(seen!.pid, 'SIGKILL');
  repository.open();
  const head = repository.commit('after');
  await eventually('it is seen', () => repository.nudges().at(-1)!.head === head);
  await repository.settled(2);
});

test.each([
  ['whose number another process has by now', `${process.pid}\n`],
  ['that a full disk left without a number', ''],
])('a lock %s holds nobody up once it is old', async (_, content) => {
  const repository = new HookedRepository();
  repository.install();
  mkdirSync(join(repository.home, 'hooks', 'acme+api'), { recursive: true });
  writeFileSync(repository.state('lock'), content);
  spawnSync('touch', ['-t', '202001010000', repository.state('lock')]);
  repository.commit();
  await eventually(
    'the lock is taken or gone',
    () => !existsSync(repository.state('lock')) || repository.nudges().length > 0,
  );
  const head = repository.commit('second');
  await eventually('it is seen', () => repository.nudges().at(-1)?.head === head);
  await repository.settled();
});
