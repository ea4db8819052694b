// Commits nobody should write and anybody can. Each is stored as it is, flagged where text or calendar cannot hold it,
// and its neighbours are never touched.
import { describe, expect, test } from 'vitest';
import { limits } from '../../../src/limits.js';
import { gitLimits } from '../../../src/sources/git/limits.js';
import { keyCharsMax } from '../../../src/sources/git/events.js';
import { commitsOf, eventOf, eventsOf, filesOf, Reading, recordBytes, shasOf, text } from './reading.js';
import { Repository } from './repository.js';

async function readOne(make: (repository: Repository) => string) {
  const repository = Repository.create();
  const id = make(repository);
  repository.point(id);
  const events = await new Reading({ url: repository.path }).run();
  return { repository, id, events, event: eventOf(events, id), data: eventOf(events, id).data };
}

describe('dates', () => {
  test.each([
    ['99999999999 +0000', '5138-11-16T09:46:39+00:00', undefined],
    ['-1 +0000', '1969-12-31T23:59:59+00:00', undefined],
    ['9223372036854775807 +0000', null, ['time_out_of_range']],
    ['253402300800 +0000', null, ['time_out_of_range']],
    ['0 -0130', '1969-12-31T22:30:00-01:30', undefined],
    ['1700000000 +9999', '2023-11-14T22:13:20Z', ['bad_timezone']],
    ['1700000000', '2023-11-14T22:13:20Z', ['bad_timezone']],
    ['yesterday', null, ['time_out_of_range']],
  ])('%s', async (date, time, flags) => {
    const { event, data } = await readOne((repository) =>
      repository.commit({ a: 'x' }, { committer: `C <c@x> ${date}` }),
    );
    expect(data['committer']).toEqual({ name: 'C', email: 'c@x', time });
    expect([event.time ?? null, event.flags]).toEqual([time, flags]);
  });

  test('one impossible date does not end the list', async () => {
    const repository = Repository.create();
    const first = repository.commit({ a: '1' });
    const bad = repository.commit(
      { a: '2' },
      {
        parents: [first],
        committer: 'C <c@x> 9223372036854775807 +0000',
        author: 'A <a@x> 99999999999999999999 +0000',
      },
    );
    const last = repository.commit({ a: '3' }, { parents: [bad] });
    repository.point(last);
    expect(shasOf(await new Reading({ url: repository.path }).run())).toEqual([first, bad, last]);
  });
});

describe('people', () => {
  test.each([
    ['<> 1 +0000', { name: null, email: null }],
    [' <> 1 +0000', { name: null, email: null }],
    ['Only Name <> 1 +0000', { name: 'Only Name', email: null }],
    ['A | B <a@x> 1 +0000', { name: 'A | B', email: 'a@x' }],
    ['J\xf6rg <j@x> 1 +0000', { name: 'J\ufffdrg', nameBytes: 'SvZyZw==', email: 'j@x' }],
  ])('%s', async (author, expected) => {
    const { data } = await readOne((repository) => repository.commit({ a: 'x' }, { author }));
    expect(data['author']).toEqual({ ...expected, time: '1970-01-01T00:00:01+00:00' });
  });

  test('a commit without author, committer and message is read with nulls', async () => {
    const { data, event } = await readOne((repository) => repository.object(`tree ${repository.tree({ a: 'x' })}\n\n`));
    expect(data).toMatchObject({
      author: { name: null, email: null, time: null },
      committer: { name: null },
      subject: '',
      message: '',
    });
    expect(event.time).toBeUndefined();
    expect(event.flags).toEqual(['time_out_of_range']);
  });
});

describe('text', () => {
  test('a NUL stays in the message', async () => {
    const { data } = await readOne((repository) =>
      repository.commit({ a: 'x' }, { message: 'before\0after\n\nbody\n' }),
    );
    expect(data).toMatchObject({ subject: 'before\0after', message: 'before\0after\n\nbody\n' });
  });

  test('bytes that are no UTF-8 are kept beside the text', async () => {
    const message = Buffer.from('caf\xe9 \xed\xa0\x80\n', 'latin1');
    const { data, event } = await readOne((repository) => repository.commit({ a: 'x' }, { message }));
    expect(Buffer.from(text(data['messageBytes']), 'base64')).toEqual(message);
    expect(text(data['message']).startsWith('caf\ufffd')).toBe(true);
    expect(event.flags).toEqual(['not_utf8']);
  });

  test('the encoding header is honoured, and the bytes are kept', async () => {
    const message = Buffer.from('caf\xe9\n', 'latin1');
    const make = (repository: Repository): string =>
      repository.commit({ a: 'x' }, { message, headers: 'encoding ISO-8859-1\n', author: 'J\xf6rg <j@x> 1 +0000' });
    const { data, event } = await readOne(make);
    expect(data).toMatchObject({
      message: 'café\n',
      messageBytes: message.toString('base64'),
      author: { name: 'Jörg', nameBytes: 'SvZyZw==' },
    });
    expect(event.flags).toEqual(['converted']);
  });

  test('an encoding nobody knows leaves UTF-8', async () => {
    const { data } = await readOne((repository) =>
      repository.commit({ a: 'x' }, { message: 'é\n', headers: 'encoding x-none\n' }),
    );
    expect(data['message']).toBe('é\n');
  });

  test('a signature with blank-led lines is no part of the message', async () => {
    const headers =
      'gpgsig -----BEGIN PGP SIGNATURE-----\n \n author Mallory <m@x> 1 +0000\n -----END PGP SIGNATURE-----\n';
    const { data } = await readOne((repository) => repository.commit({ a: 'x' }, { headers, message: 'signed\n' }));
    expect(data).toMatchObject({ author: { name: 'Ada' }, message: 'signed\n' });
  });

  test('a message larger than a record is cut and says so', async () => {
    const { data, event, events } = await readOne((repository) =>
      repository.commit({ a: 'x' }, { message: `subject\n\n${'\u0001'.repeat(20_000_000)}` }),
    );
    expect(event.flags).toEqual(['message_truncated']);
    expect(text(data['message']).length).toBeLessThan(gitLimits.commitBytesMax);
    expect(JSON.stringify(data).length).toBeLessThan(limits.eventDataBytesMax);
    expect(filesOf(events, event.subject!)).toHaveLength(1);
  });
});

describe('paths', () => {
  test('any bytes but NUL', async () => {
    const names = [
      'a\nb',
      '\xff\xfe',
      '=\n',
      ':100644 100644',
      '1\t1\tx',
      'x\t',
      '\u0001',
      'end ',
      '-n',
      'caf\xc3\xa9',
    ];
    const { id, events } = await readOne((repository) =>
      repository.commit(Object.fromEntries(names.map((name) => [name, 'x\n']))),
    );
    const files = filesOf(events, id);
    const bytes: string[] = files.map(({ path, pathBytes }) =>
      (typeof pathBytes === 'string' ? Buffer.from(pathBytes, 'base64') : Buffer.from(text(path))).toString('latin1'),
    );
    expect(bytes.sort()).toEqual([...names].sort());
    expect(files.every(({ additions }) => additions === 1)).toBe(true);
    const odd = events.find(({ data }) => data['pathBytes'] !== undefined)!;
    expect(odd.flags).toEqual(['not_utf8']);
    expect((odd.identity as { key: string }).key).toMatch(new RegExp(`^${id}#[0-9a-f]{64}$`));
  });

  test('a path of its own commit id, renamed files with odd names, and a path of 4,000 characters', async () => {
    const repository = Repository.create();
    const first = repository.commit({ 'x\t': 'one\ntwo\nthree\n' });
    const long = Array.from({ length: 20 }, () => 'd'.repeat(200)).join('/');
    const second = repository.commit(
      { [first]: 'x\n', '\t': 'one\ntwo\nthree\n', [long]: 'y\n' },
      { parents: [first] },
    );
    repository.point(second);
    const events = await new Reading({ url: repository.path }).run();
    expect(filesOf(events, second).map(({ path, oldPath, additions }) => [path, oldPath, additions])).toEqual([
      ['\t', 'x\t', 0],
      [first, undefined, 1],
      [long, undefined, 1],
    ]);
    for (const { identity } of events)
      expect((identity as { key: string }).key.length).toBeLessThanOrEqual(keyCharsMax);
  });
});

describe('sizes', () => {
  test('a commit of 30,000 files is read in parts, whole, and resumed between them', async () => {
    const repository = Repository.create();
    const files = Array.from({ length: 30_000 }, (_, at) => `M 644 inline directory/of/some/length/${at}\ndata 2\nx\n`);
    repository.git(
      ['fast-import', '--quiet'],
      `commit refs/heads/main\ncommitter C <c@x> 1 +0000\ndata 5\nlarge\n${files.join('')}\n`,
    );
    const reading = new Reading({ url: repository.path });
    const chunks = await reading.chunks((await reading.prepare()).cursor);
    const events = chunks.flatMap(eventsOf);
    expect(commitsOf(events)).toMatchObject([
      { stats: { files: 30_000, additions: 30_000, deletions: 0 }, message: 'large' },
    ]);
    const read = events.filter(({ type }) => type === 'git.commit' || type === 'git.file_change');
    expect(new Set(read.map(({ identity }) => (identity as { key: string }).key)).size).toBe(30_001);
    expect(events.every(({ data }) => data['additions'] === undefined || data['additions'] === 1)).toBe(true);
    for (const { records } of chunks)
      for (const record of records) expect(record.length).toBeLessThan(limits.recordBytesMax);
    expect(chunks.length).toBeGreaterThan(2);
    for (const [at, { cursor }] of chunks.entries()) {
      expect(recordBytes(await reading.chunks(cursor)).equals(recordBytes(chunks.slice(at + 1)))).toBe(true);
    }
  });
});
