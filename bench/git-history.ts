// A repository of the size asked for, made by fast-import from a seed: benches must not depend on a download.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A history of `commits` commits over 500 files in 50 folders; every ninth is a merge. */
export async function makeHistory(directory: string, commits: number): Promise<void> {
  await run('git', ['init', '-q', '--bare', '-b', 'main', directory]);
  const child = spawn('git', ['--git-dir', directory, 'fast-import', '--quiet', '--depth=50'], {
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  for (let at = 1; at <= commits; at++) {
    if (!child.stdin.write(commit(at))) await once(child.stdin, 'drain');
  }
  child.stdin.end();
  const [code] = (await once(child, 'exit')) as [number];
  if (code !== 0) throw new Error(`git fast-import ended with ${code}`);
}

function commit(at: number): string {
  const who = `Author ${at % 40} <author${at % 40}@example.org> ${1_600_000_000 + at * 60} +0200`;
  const message = `Change number ${at}\n\nWhy it was made.\n`;
  const merge = at % 9 === 0 && at > 9 ? `merge :${at - 5}\n` : '';
  const files = Array.from({ length: 1 + (at % 4) }, (_, part) => file(at, part)).join('');
  const from = at > 1 ? `from :${at - 1}\n` : '';
  return `commit refs/heads/main\nmark :${at}\nauthor ${who}\ncommitter ${who}\ndata ${message.length}\n${message}${from}${merge}${files}`;
}

function file(at: number, part: number): string {
  const number = (at * 7 + part * 131) % 500;
  const lines = Array.from({ length: 60 }, (_, line) => `line ${line} ${line % 10 === at % 10 ? at : number}\n`).join(
    '',
  );
  return `M 100644 inline dir${number % 50}/file${number}.ts\ndata ${lines.length}\n${lines}`;
}
