// Directories that several commands make in one moment, as two first syncs do.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { packageRoot } from '../../src/package-root.js';

const program = `
  const { makeDirectory } = await import(process.argv[2]);
  for (let at = 0; at < 400; at++) makeDirectory(process.argv[1] + '/' + at + '/a/b', 0o700);`;

test('processes that make the same directories at once all find them made', async () => {
  const base = mkdtempSync(join(tmpdir(), 'tributary-directory-'));
  onTestFinished(() => rmSync(base, { recursive: true, force: true }));
  const made = join(packageRoot, 'dist', 'src', 'local', 'directory.js');
  const started = Array.from({ length: 4 }, () =>
    spawn(process.execPath, ['--input-type=module', '-e', program, base, made], { stdio: 'ignore' }),
  );
  const codes = await Promise.all(started.map(async (child) => (await once(child, 'close'))[0] as unknown));
  expect(codes).toEqual([0, 0, 0, 0]);
  expect(existsSync(join(base, '399', 'a', 'b'))).toBe(true);
});
