// Every source that comes with Tributary, through the one suite.
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { builtInSources } from '../../src/sources/index.js';
import { apiLog } from '../../src/sources/api-log/index.js';
import { filesystem } from '../../src/sources/filesystem/index.js';
import { git } from '../../src/sources/git/index.js';
import { slackExport } from '../../src/sources/slack-export/index.js';
import { jsonl } from '../../src/sources/jsonl/index.js';
import { synthetic } from '../../src/sources/synthetic.js';
import type { Source } from '../../src/domain/source.js';
import { sourceChecks, type Subject } from '../../src/testing/index.js';
import { days, direct, lists, writeFolder, writeZip } from './slack-export/exports.js';

function describeSource(name: string, make: (directory: string) => Promise<Subject> | Subject): void {
  describe(`the ${name} source`, () => {
    for (const check of sourceChecks(make)) test(check.name, check.run);
  });
}

test('no source is left out', () => {
  // A program and a webhook give; there is nothing to read (test/sources/program.test.ts, webhook).
  expect(builtInSources.map(({ type }) => type).sort()).toEqual([
    'api_log',
    'filesystem',
    'git',
    'jsonl',
    'program',
    'slack_export',
    'synthetic',
    'webhook',
  ]);
});

describeSource('synthetic', () => ({
  source: synthetic as Source,
  options: { events: 700, seed: 81, hostile: true, pageEvents: 100 },
}));

describeSource('jsonl', (directory) => {
  mkdirSync(directory, { recursive: true });
  for (const name of ['a', 'b', 'c', 'd']) {
    const lines = Array.from({ length: 40 }, (_, n) => recordLine(name, n)).join('\n');
    const packed = name === 'a';
    writeFileSync(join(directory, packed ? `${name}.jsonl.gz` : `${name}.jsonl`), packed ? gzipSync(lines) : lines);
  }
  return { source: jsonl as Source, options: { path: join(directory, '*.jsonl*'), subject: '/who' } };
});

describeSource('jsonl of CSV', (directory) => {
  mkdirSync(directory, { recursive: true });
  for (const name of ['a', 'b', 'c']) {
    const rows = Array.from(
      { length: 40 },
      (_, n) => `${name}${n},"two\r\nlines, ""${n}""",${n % 9 === 0 ? '5" pipe' : 'x'}`,
    );
    writeFileSync(join(directory, `${name}.csv`), `id,text,more\r\n${rows.join('\r\n')}\r\n`);
  }
  return { source: jsonl as Source, options: { path: join(directory, '*.csv'), id: '/id', format: 'csv' } };
});

/** CloudEvents, objects that are their content, and what is no event; the last line of a file has no end. */
function recordLine(name: string, n: number): string {
  if (n % 10 === 3) return `not JSON ${name} ${n}`;
  if (n % 10 === 5) return `{"who":"${name}","n":${n},"n":${n}}`;
  return n % 2 === 0
    ? `{"specversion":"1.0","id":"${n}","source":"/${name}","type":"made.up","data":{"n":${n}}}`
    : `{"who":"${name}","n":${n}}`;
}

describeSource('api_log', (directory) => {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'access.log'), accessLog('a', 1_500));
  writeFileSync(join(directory, 'access.log.1'), accessLog('b', 300));
  writeFileSync(join(directory, 'access.log.2.gz'), gzipSync(accessLog('c', 300)));
  writeFileSync(join(directory, 'access.log.1.gz'), gzipSync(accessLog('b', 300)));
  return { source: apiLog as Source, options: { path: join(directory, 'access.log*') } };
});

/** Each line twice, and some that are none. */
function accessLog(name: string, lines: number): string {
  const line = (n: number) =>
    n % 50 === 3
      ? `no request ${name} ${n}\n`
      : `192.0.2.${n % 256} - - [31/Jan/2026:12:${String(n % 60).padStart(2, '0')}:00 +0100] "GET /${name}/${n >> 1}?token=canary-5f1d2c HTTP/1.1" 200 ${n >> 1} "-" "a browser ${'x'.repeat(300)}"\n`;
  return Array.from({ length: lines }, (_, n) => line(n)).join('');
}

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

// Long messages, so that a day has several chunks, and is unpacked as a stream.
const text = Array.from({ length: 12_000 }, (_, n) => n.toString(36)).join(' ');
const channels = { ...lists, ...days('general', 2, 13, { text }), ...days('ops', 2, 30), ...days(direct, 1, 3) };
describeSource('slack_export of a folder', (directory) => {
  return { source: slackExport as Source, options: { path: writeFolder(channels, directory) } };
});
describeSource('slack_export of a zip', async (directory) => {
  return { source: slackExport as Source, options: { path: await writeZip(channels, { path: `${directory}.zip` }) } };
});

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
