// Stryker makes each small change it knows (a condition turned round, a call left out) in domain and the stages that
// need no server, and asks their tests. What they do not notice is printed; a score below the bound of
// stryker.config.json fails. Whoever adds code there adds tests that notice.
//
// Looked at one by one, most of what is left makes no difference: the quick looks of canonical-json and event-context may
// say no at the price of a slow one with the same end; a length that meets its bound exactly; an empty list at the start
// that is overwritten; how long a pause takes. One that makes none for ever is marked in the code with its reason:
// `// Stryker disable next-line ConditionalExpression: …`.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../src/package-root.js';

const runMsMax = 20 * 60_000;

test(
  'small wrong changes in domain and stages are noticed by their tests',
  async () => {
    const stryker = spawn(
      join(packageRoot, 'node_modules/.bin/stryker'),
      ['run', 'test/mutations/stryker.config.json'],
      { cwd: packageRoot, stdio: ['ignore', 'pipe', 'pipe'], timeout: runMsMax },
    );
    const output: Buffer[] = [];
    for (const stream of [stryker.stdout, stryker.stderr]) stream.on('data', (chunk: Buffer) => output.push(chunk));
    const [code] = (await once(stryker, 'close')) as [number | null];
    expect(code, Buffer.concat(output).toString()).toBe(0);
  },
  runMsMax,
);
