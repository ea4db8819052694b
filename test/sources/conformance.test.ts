// Every source that comes with Tributary, through the one suite.
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { builtInSources } from '../../src/sources/index.js';
import { filesystem } from '../../src/sources/filesystem/index.js';
import { git } from '../../src/sources/git/index.js';
import { synthetic } from '../../src/sources/synthetic.js';
import type { Source } from '../../src/domain/source.js';
import { sourceChecks, type Subject } from '../../src/testing/index.js';

function describeSource(name: string, make: (directory: string) => Promise<Subject> | Subject): void {
  describe(`the ${name} source`, () => {
    for (const check of sourceChecks(make)) test(check.name, check.run);
  });
}

test('no source is left out', () => {
  expect(builtInSources.map(({ type }) => type).sort()).toEqual(['filesystem', 'git', 'synthetic']);
});

describeSource('synthetic', () => ({
  source: synthetic as Source,
  options: { events: 700, seed: 81, hostile: true, pageEvents: 100 },
}));

const contents = { contents: true, contentBytesMax: 100, oneDevice: true, exclude: ['**/file-7'], rehashHours: 1 };
for (const [name, options] of Object.entries({ filesystem: {}, 'filesystem with all options': contents })) {
  describeSource(name, (directory) => {
    for (let folder = 0; folder < 10; folder++) {
      mkdirSync(join(directory, `folder-${folder}`), { recursive: true });
      symlinkSync('../nowhere', join(directory, `folder-${folder}`, 'link'));
      for (let file = 0; file < 70; file++)
        writeFileSync(join(directory, `folder-${folder}`, `file-${file}`), 'x'.repeat(file * 3));
    }
    return { source: filesystem as Source, options: { root: directory, settleMs: 0, ...options } };
  });
}

const everything = { diff: 'patch', copies: true, include: ['**'], exclude: ['file-7.txt'], since: '2000-01-01' };
for (const [name, options] of Object.entries({ git: {}, 'git with all options': everything })) {
  describeSource(name, (directory) => {
    mkdirSync(directory, { recursive: true });
    execFileSync('git', ['init', '-q', '--bare', '-b', 'main', directory]);
    execFileSync('git', ['-C', directory, 'fast-import', '--quiet'], { input: history(900) });
    return { source: git as Source, options: { url: directory, ...options } };
  });
}

/** A line of commits with a side branch merged at every hundredth. */
function history(commits: number): string {
  const parts: string[] = [];
  for (let n = 1; n <= commits; n++) {
    const message = `commit ${n}`;
    parts.push(
      `commit refs/heads/main\nmark :${n}\nauthor A <a@example.org> ${1_700_000_000 + n} +0000\ncommitter C <c@example.org> ${1_700_000_000 + n} +0000\n`,
      `data ${message.length}\n${message}\n`,
      n > 1 ? `from :${n - 1}\n` : '',
      n % 100 === 0 ? `merge :${n - 50}\n` : '',
      `M 100644 inline file-${n % 40}.txt\ndata ${String(n).length}\n${n}\n`,
    );
  }
  return parts.join('');
}
