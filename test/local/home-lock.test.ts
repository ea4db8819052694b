import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { builtFile } from '../../src/local/built.js';
import { lockHome } from '../../src/local/home-lock.js';
import type { HomeLock } from '../../src/local/home-lock.js';

// Real servers start and stop here; two cores shared with the other test files.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

let parent = '';
let home = '';

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'tributary-lock-'));
  home = join(parent, 'home');
  mkdirSync(home);
});

afterEach(() => rmSync(parent, { recursive: true, force: true }));

test('one holder at a time, whatever path leads to the home; released, it can be had again', async () => {
  const held = (await lockHome(home)) as HomeLock;
  symlinkSync(home, join(parent, 'link'));
  expect(await lockHome(join(parent, 'link'))).toBeNull();
  await held.release();
  const again = await lockHome(home);
  expect(again).not.toBeNull();
  await again?.release();
});

test('of many at once exactly one gets it', async () => {
  const locks = await Promise.all(Array.from({ length: 20 }, () => lockHome(home)));
  expect(locks.filter((lock) => lock !== null)).toHaveLength(1);
  for (const lock of locks) await lock?.release();
});

test('homes do not share a lock', async () => {
  const one = await lockHome(home);
  const other = await lockHome(parent);
  expect(other).not.toBeNull();
  await one?.release();
  await other?.release();
});

test('the lock of a killed process is free', async () => {
  const script = `import(${JSON.stringify(builtFile('local/home-lock.js'))}).then((m) => m.lockHome(${JSON.stringify(home)})).then(() => console.log('held'))`;
  const holder = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(holder.stdout, 'data');
  expect(await lockHome(home)).toBeNull();
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  const lock = await lockHome(home);
  expect(lock).not.toBeNull();
  await lock?.release();
});
