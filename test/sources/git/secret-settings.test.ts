// What holds a secret reaches git without being seen on the way.
import { spawnSync } from 'node:child_process';
import { closeSync } from 'node:fs';
import { expect, test } from 'vitest';
import { givenSettings, type Setting } from '../../../src/sources/git/secret-settings.js';

const settings: Setting[] = [
  ['http.http://127.0.0.1:7/.extraHeader', 'Authorization: Basic "quoted\\and # more; =='],
  ['http.proxy', 'http://a:b@proxy:1'],
];

test.each(['linux', 'darwin'])('git reads them on %s, each time it looks', (platform) => {
  const { args, environment, descriptor } = givenSettings(settings, platform);
  expect(args.join(' ')).not.toContain('Basic');
  for (let look = 0; look < 2; look++) {
    for (const [name, value] of settings) {
      const stdio = ['ignore', 'pipe', 'inherit', descriptor ?? 'ignore'] as const;
      const git = spawnSync('git', [...args, 'config', '--get', name], {
        env: { PATH: process.env['PATH'], GIT_CONFIG_GLOBAL: '/dev/null', ...environment },
        stdio: [...stdio],
      });
      expect(git.stdout.toString()).toBe(`${value}\n`);
    }
  }
  if (descriptor !== undefined) closeSync(descriptor);
  expect(JSON.stringify(environment).includes('Basic')).toBe(platform !== 'linux');
});

test('without any, nothing is added', () => {
  expect(givenSettings([])).toEqual({ args: [], environment: {}, descriptor: undefined });
});
