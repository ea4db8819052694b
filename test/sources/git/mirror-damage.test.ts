// Our mirror is a copy: whatever happens to it, between runs or under a reader, what is stored is what an undisturbed run
// stores. Nothing that is only damaged here is ever told of the origin.
import {
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { EventDraft } from '../../../src/domain/event.js';
import { NeedsAttention, Transient } from '../../../src/domain/errors.js';
import { git } from '../../../src/sources/git/index.js';
import { share } from '../../support/share.js';
import { contentsOf, eventsOf, Reading, shasOf, storyOf } from './reading.js';
import { Repository, temporaryDirectory } from './repository.js';

const mirrorOf = (reading: Reading): string => join(reading.directory, 'mirror.git');
const packsOf = (reading: Reading): string => join(mirrorOf(reading), 'objects', 'pack');

function filesOf(reading: Reading, ending: string): string[] {
  return readdirSync(packsOf(reading))
    .filter((name) => name.endsWith(ending))
    .map((name) => join(packsOf(reading), name));
}

/** As a bad disk does it. */
function overwrite(file: string, at: number, bytes: Buffer): void {
  chmodSync(file, 0o600);
  const handle = openSync(file, 'r+');
  writeSync(handle, bytes, 0, bytes.length, at);
  closeSync(handle);
}

function overwriteMiddle(file: string, count: number): void {
  overwrite(
    file,
    Math.floor(statSync(file).size / 2),
    Buffer.from(Array.from({ length: count }, (_, at) => (at * 167 + 13) % 256)),
  );
}

function unpacked(reading: Reading): Repository {
  const mirror = Repository.at(mirrorOf(reading));
  const aside = join(reading.directory, 'aside');
  renameSync(packsOf(reading), aside);
  for (const name of readdirSync(aside).filter((file) => file.endsWith('.pack')))
    mirror.git(['unpack-objects', '-q'], readFileSync(join(aside, name)));
  rmSync(aside, { recursive: true });
  return mirror;
}

function loose(mirror: Repository, id: string): string {
  const file = join(mirror.path, 'objects', id.slice(0, 2), id.slice(2));
  chmodSync(file, 0o600);
  return file;
}

type Damage = (reading: Reading, repository: Repository) => void;
const damages: [string, Damage][] = [
  ['all packs are removed', (reading) => { for (const file of filesOf(reading, '.pack')) rmSync(file); }], // prettier-ignore
  ['the folder of packs is removed', (reading) => rmSync(packsOf(reading), { recursive: true })],
  ['4 KiB of a pack are overwritten', (reading) => { for (const file of filesOf(reading, '.pack')) overwriteMiddle(file, 4_096); }], // prettier-ignore
  ['a pack is cut off', (reading) => { for (const file of filesOf(reading, '.pack')) truncateSync(file, Math.floor(statSync(file).size / 2)); }], // prettier-ignore
  ['the index of a pack is removed', (reading) => { for (const file of filesOf(reading, '.idx')) rmSync(file); }], // prettier-ignore
  ['the index of a pack is overwritten', (reading) => { for (const file of filesOf(reading, '.idx')) overwriteMiddle(file, 4_096); }], // prettier-ignore
  ['the offsets in the index are zeros', (reading) => { for (const file of filesOf(reading, '.idx')) overwrite(file, statSync(file).size - 600, Buffer.alloc(400)); }], // prettier-ignore
  ['a loose object is cut off', (reading, repository) => truncateSync(loose(unpacked(reading), repository.git(['rev-parse', 'main~3:d0'])), 5)],
  ['a loose object is gone', (reading, repository) => rmSync(loose(unpacked(reading), repository.git(['rev-parse', 'main~5'])))],
  ['a loose object is another', (reading, repository) => {
    const mirror = unpacked(reading);
    writeFileSync(loose(mirror, repository.git(['rev-parse', 'main~3'])), readFileSync(loose(mirror, repository.git(['rev-parse', 'main~4']))));
  }], // prettier-ignore
  ['its objects were borrowed, and the lender is gone', (reading) => {
    const lender = temporaryDirectory();
    renameSync(packsOf(reading), join(lender, 'pack'));
    mkdirSync(packsOf(reading));
    writeFileSync(join(mirrorOf(reading), 'objects', 'info', 'alternates'), `${lender}\n`);
    rmSync(lender, { recursive: true });
  }], // prettier-ignore
  ['a commit graph is garbage', (reading) => writeFileSync(join(mirrorOf(reading), 'objects', 'info', 'commit-graph'), 'CGPH garbage')],
  ['a multi-pack index is garbage', (reading) => writeFileSync(join(packsOf(reading), 'multi-pack-index'), 'MIDX garbage')],
  ['the config is garbage', (reading) => writeFileSync(join(mirrorOf(reading), 'config'), '[core')],
  ['HEAD is empty', (reading) => writeFileSync(join(mirrorOf(reading), 'HEAD'), '')],
  ['a ref is empty', (reading) => writeFileSync(join(mirrorOf(reading), 'refs/tributary/tips/refs/heads/main'), '')],
  ['a ref points to nothing', (reading) => writeFileSync(join(mirrorOf(reading), 'refs/tributary/tips/refs/heads/main'), `${'1'.repeat(40)}\n`)],
  ['the seals are garbage', (reading) => writeFileSync(join(mirrorOf(reading), 'tributary-seals.json'), '{')],
  ['the walk is overwritten', (reading) => overwrite(walkFile(reading, '.list'), 42 * 265, Buffer.from('x'.repeat(200)))],
  ['the walk is cut off', (reading) => truncateSync(walkFile(reading, '.list'), 42 * 270)],
  ['one id of the walk is another', (reading) => overwrite(walkFile(reading, '.list'), 42 * 280, Buffer.from('0123456789'))],
  ['the head of the walk is another', (reading) => writeFileSync(walkFile(reading, '.json'), readFileSync(walkFile(reading, '.json'), 'utf8').replace(/"count":\d+/, '"count":290'))],
  ['the notes of the walk are gone', (reading) => truncateSync(walkFile(reading, '.notes'), 0)],
  ['the whole directory is gone', (reading) => rmSync(reading.directory, { recursive: true })],
]; // prettier-ignore

function walkFile(reading: Reading, ending: string): string {
  const walks = join(reading.directory, 'walks');
  return join(
    walks,
    readdirSync(walks).find((name) => name.endsWith(ending))!,
  );
}

/** More than one chunk, and more than one piece of every process. */
const commits = 300;

const read = new Map<string, EventDraft[]>();

/** Repositories of one length are the same, byte for byte. */
async function undisturbed(repository: Repository): Promise<EventDraft[]> {
  const tip = repository.git(['rev-parse', 'main']);
  const events = read.get(tip) ?? (await new Reading({ url: repository.path }).run());
  read.set(tip, events);
  return events;
}

describe.each(share(damages, 4))('%s', (name, damage) => {
  test('between two pages: the rest is what it would have been', async () => {
    const repository = Repository.long(commits);
    const reading = new Reading({ url: repository.path });
    const [first] = await reading.chunks((await reading.prepare()).cursor);
    reading.commit(first!);
    damage(reading, repository);
    const rest = (await reading.chunks(reading.cursor)).flatMap(eventsOf);
    expect(together([...eventsOf(first!), ...rest])).toEqual(together(await undisturbed(repository)));
  });

  test('between two runs: the next reads what is new, and only that', async () => {
    const repository = Repository.long(commits);
    const reading = new Reading({ url: repository.path });
    const [first] = await reading.chunks((await reading.prepare()).cursor);
    reading.commit(first!);
    damage(reading, repository);
    const before = [...eventsOf(first!), ...(await reading.run())];
    expect(together(before)).toEqual(together(await undisturbed(repository)));
    expect(await reading.run()).toEqual([]);
    const more = repository.line(2, { from: repository.git(['rev-parse', 'main']), name: 'more' });
    if (!name.includes('walk')) damage(reading, repository);
    expect(shasOf(await reading.run())).toEqual(more);
  });

  test('and the origin is away: nothing is invented, and it goes on when it is back', async () => {
    const repository = Repository.long(commits);
    const expected = await undisturbed(repository);
    const reading = new Reading({ url: repository.path });
    const [first] = await reading.chunks((await reading.prepare()).cursor);
    reading.commit(first!);
    damage(reading, repository);
    renameSync(repository.path, `${repository.path}.away`);
    const before: EventDraft[] = eventsOf(first!);
    const failure = await (async () => { for await (const chunk of git.read(reading.context, reading.cursor)) before.push(...eventsOf(chunk)); })().catch((error: unknown) => error); // prettier-ignore
    // Where it did no harm there is nothing to ask the origin for.
    if (failure !== undefined) expect(failure instanceof NeedsAttention || failure instanceof Transient).toBe(true);
    expect(contentsOf(before)).toEqual(contentsOf(expected).slice(0, contentsOf(before).length));
    renameSync(`${repository.path}.away`, repository.path);
    const rest = (await reading.chunks(reading.cursor)).flatMap(eventsOf);
    expect(together([...eventsOf(first!), ...rest])).toEqual(together(expected));
  });
});

/** What is told of commits and files as it is; of refs without the time of the look. */
function together(events: readonly EventDraft[]): unknown[] {
  return [...contentsOf(events), ...storyOf(events)];
}

describe('under a reader that is open', () => {
  test.each(damages.slice(0, 6))('%s', async (_, damage) => {
    const repository = Repository.long(1_500);
    const reading = new Reading({ url: repository.path });
    const events: EventDraft[] = [];
    let chunks = 0;
    for await (const chunk of git.read(reading.context, (await reading.prepare()).cursor)) {
      events.push(...eventsOf(chunk));
      if (++chunks === 2) damage(reading, repository);
    }
    expect(together(events)).toEqual(together(await undisturbed(repository)));
  });
});

test.each([
  { diff: 'patch' },
  { diff: 'none' },
  { symbols: true, copies: true },
  { since: '2023-11-14T22:14:00Z' },
] as const)('with %j too', async (options) => {
  const repository = Repository.long(commits);
  const reading = new Reading({ url: repository.path, ...options });
  const [first] = await reading.chunks((await reading.prepare()).cursor);
  reading.commit(first!);
  for (const file of filesOf(reading, '.pack')) overwriteMiddle(file, 4_096);
  const rest = (await reading.chunks(reading.cursor)).flatMap(eventsOf);
  expect(together([...eventsOf(first!), ...rest])).toEqual(
    together(await new Reading({ url: repository.path, ...options }).run()),
  );
});
