// No git process outlives its reader, and one that is killed is no end of a history.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { platform } from 'node:process';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { EventDraft } from '../../../src/domain/event.js';
import { git } from '../../../src/sources/git/index.js';
import { eventsOf, Reading, shasOf } from './reading.js';
import { Repository } from './repository.js';

function long(commits: number, options: { diff?: 'patch' } = {}): { repository: Repository; reading: Reading } {
  const repository = Repository.create();
  const stream = Array.from(
    { length: commits },
    (_, at) =>
      `commit refs/heads/main\ncommitter C <c@x> ${1_700_000_000 + at} +0000\ndata 2\nc\nM 644 inline f${at % 500}\ndata 200\n${`${at} `.repeat(200).slice(0, 200)}\n`,
  );
  repository.git(['fast-import', '--quiet'], stream.join(''));
  return { repository, reading: new Reading({ url: repository.path, ...options }) };
}

/** Processes that name a directory in their arguments. */
function processesAt(directory: string): number[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number).filter((pid) => pid !== process.pid && argumentsOf(pid).includes(directory)); // prettier-ignore
}

function argumentsOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await setImmediate();
}

describe.runIf(platform === 'linux')('processes', () => {
  test('end when the reader is left', async () => {
    const { reading } = long(3_000);
    const { cursor } = await reading.prepare();
    for await (const _ of git.read(reading.context, cursor)) {
      expect(processesAt(reading.directory).length).toBeGreaterThan(0);
      break;
    }
    await until(() => processesAt(reading.directory).length === 0);
  });

  test('end on an abort, also while nobody reads', async () => {
    const { reading } = long(3_000);
    const chunks = git.read(reading.context, (await reading.prepare()).cursor);
    await chunks.next();
    expect(processesAt(reading.directory).length).toBeGreaterThan(0);
    reading.stopping.abort();
    await until(() => processesAt(reading.directory).length === 0);
    await expect(async () => { while ((await chunks.next()).done !== true); }).rejects.toThrow('stopped'); // prettier-ignore
    await expect(reading.prepare()).rejects.toThrow('stopped');
  });

  test.each([{}, { diff: 'patch' }] as const)(
    'that are killed while they read lose nothing, with %j',
    async (options) => {
      const { reading, repository } = long(3_000, options);
      const ids: string[] = [];
      const events: EventDraft[] = [];
      for await (const chunk of git.read(reading.context, (await reading.prepare()).cursor)) {
        for (const pid of processesAt(reading.directory).filter((found) => argumentsOf(found).includes('diff-tree')))
          kill(pid);
        const read = eventsOf(chunk);
        events.push(...read.filter(({ type }) => type === 'git.file_change'));
        ids.push(...shasOf(read));
      }
      expect(
        events.filter(({ data }) => data['additions'] === 1 && 'patch' in data === 'diff' in options),
      ).toHaveLength(3_000);
      expect(ids).toEqual(repository.git(['rev-list', '--topo-order', '--reverse', 'main']).split('\n'));
    },
  );

  test('a fetch that is killed at any moment is made good by the next', async () => {
    const { reading, repository } = long(20_000);
    const mirror = join(reading.directory, 'mirror.git');
    const fetching = reading.prepare().then(() => 'done', (error: Error) => error.message); // prettier-ignore
    const fetches = (): number[] =>
      processesAt(`${mirror}.new`).filter((pid) => /\0fetch\0|index-pack/.test(argumentsOf(pid)));
    await until(() => fetches().length > 0);
    for (const pid of processesAt(`${mirror}.new`)) kill(pid);
    expect(await fetching).toContain('SIGKILL');
    expect(shasOf(await reading.run())).toHaveLength(Number(repository.git(['rev-list', '--count', 'main'])));
    expect(readdirSync(join(mirror, 'objects', 'pack')).filter((name) => name.startsWith('tmp_'))).toEqual([]);
  });
});

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It had ended.
  }
}
