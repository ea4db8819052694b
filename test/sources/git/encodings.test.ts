// A commit may name an encoding. What we read is what `git log --encoding=UTF-8` prints, and the bytes are kept beside it.
import { isUtf8 } from 'node:buffer';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { limits } from '../../../src/limits.js';
import type { EventDraft, JsonObject } from '../../../src/domain/event.js';
import { CommitTexts } from '../../../src/sources/git/commit-texts.js';
import { eventOf, Reading, refEventsOf, text } from './reading.js';
import { gitBytes, Repository } from './repository.js';

/** By name; one that the iconv here lacks is a header over UTF-8, as many are. */
const encodings = [
  'ISO-8859-1', 'latin-1', 'latin1', 'ISO8859-15', 'ISO-8859-2', 'ISO-8859-5', 'ISO-8859-7', 'ISO-8859-8', 'ISO-8859-9', 'cp1252', 'windows-1252', 'CP1250', 'cp1251',
  'WINDOWS-1251', 'CP1253', 'CP1254', 'CP1255', 'CP1256', 'CP437', 'cp850', 'CP866', 'KOI8-R', 'KOI8-U', 'MACINTOSH', 'ISO-2022-JP', 'EUC-JP', 'eucJP', 'Shift_JIS', 'SJIS',
  'CP932', 'cp949', 'EUC-KR', 'UHC', 'ISO-2022-KR', 'GBK', 'GB2312', 'GB18030', 'Big5', 'BIG5-HKSCS', 'TIS-620', 'VISCII', 'UTF-7', 'UTF-16', 'UTF-16LE', 'UCS-4', 'EBCDIC-US', 'ASCII',
  'utf8', 'UTF8', 'utf-8', 'Utf-8', 'x-none', '', 'binary', 'undefined',
]; // prettier-ignore

const words = [
  'café',
  'Привет',
  'ελληνικά',
  'שלום',
  'ภาษาไทย',
  '日本語テキスト',
  '한국어',
  '中文字',
  '“quoted” € …',
  'plain words',
];

/** The text in that encoding by iconv, where it has it; else as UTF-8, which many a commit with a wrong header is. */
function inEncoding(word: string, encoding: string): Buffer {
  try {
    return execFileSync(
      'iconv',
      ['-f', 'UTF-8', '-t', encoding === '' ? 'none' : encoding.replace('latin-1', 'latin1')],
      { input: word, stdio: ['pipe', 'pipe', 'ignore'] },
    );
  } catch {
    return Buffer.from(word);
  }
}

/** Many commit objects with one git. */
function objects(repository: Repository, commits: readonly string[]): string[] {
  const directory = join(repository.path, 'objects');
  mkdirSync(directory);
  const files = commits.map((commit, at) => {
    writeFileSync(join(directory, `${at}`), commit, 'latin1');
    return join(directory, `${at}`);
  });
  return repository
    .git(['hash-object', '-t', 'commit', '--literally', '-w', '--stdin-paths'], files.join('\n'))
    .split('\n');
}

/** What the source says of commits, beside what git says of them. */
async function compared(repository: Repository, ids: readonly string[]) {
  const parents = ids.map((id) => ['-p', id]).flat();
  repository.point(repository.git(['commit-tree', ...parents, '-m', 'all', repository.tree({})]));
  const events = await new Reading({ url: repository.path }).run();
  const format = '--format=tformat:%H%x00%an%x00%ae%x00%cn%x00%ce%x00%B';
  const fields = gitBytes(repository.path, ['log', '--no-walk=unsorted', '-z', '--encoding=UTF-8', format, ...ids])
    .toString('latin1')
    .split('\0');
  return ids.map((id, at) => ({
    event: eventOf(events, id),
    git: fields.slice(at * 6 + 1, at * 6 + 6).map((field) => Buffer.from(field, 'latin1')),
  }));
}

function textsOf({ data }: EventDraft): (string | null)[] {
  const [author, committer] = [data['author'] as JsonObject, data['committer'] as JsonObject];
  return [author['name'], author['email'], committer['name'], committer['email'], data['message']].map((value) =>
    value === null ? '' : text(value),
  );
}

describe('encodings', () => {
  test('a text is what git log makes of it, in any encoding, and says when it is not its bytes', async () => {
    const repository = Repository.create();
    const cases = encodings.flatMap((encoding) =>
      words.map((word) => ({ encoding, bytes: inEncoding(word, encoding) })),
    );
    const tree = repository.tree({});
    const ids = objects(repository, cases.map(({ encoding, bytes }) => {
      const text = bytes.toString('latin1');
      const person = `${text.replaceAll(/[<>\n\0]/g, '')} <a@x> 1 +0000`;
      return `tree ${tree}\nauthor ${person}\ncommitter ${person}\nencoding ${encoding}\n\n${text}\n\n${text}\n`;
    })); // prettier-ignore
    for (const { event, git } of await compared(repository, ids)) {
      const message = Buffer.from(
        text(event.data['messageBytes'] ?? Buffer.from(text(event.data['message'])).toString('base64')),
        'base64',
      );
      const object = gitBytes(repository.path, ['cat-file', 'commit', text(event.data['sha'])]);
      expect(message.equals(object.subarray(object.indexOf('\n\n') + 2)), "the bytes are the commit's").toBe(true);
      const [shown, read] = [git.map((bytes) => bytes.toString()), textsOf(event)];
      // git ends a text at a NUL; where it could convert nothing, ours is whole.
      if (message.includes(0)) [shown[4], read[4]] = [shown[4]!, shown[4] === '' ? '' : read[4]!.split('\0')[0]!];
      expect(
        read.map((value) => value?.trim()),
        text(event.data['encoding']),
      ).toEqual(shown.map((value) => value.trim()));
      expect(read[4]!.split('\0')[0], text(event.data['encoding'])).toBe(shown[4]);
      const same = Buffer.from(text(event.data['message'])).equals(message);
      expect(event.data['messageBytes'] === undefined).toBe(same);
      if (!same) expect(event.flags).toContain(isUtf8(git[4]!) ? 'converted' : 'not_utf8');
    }
  }, 120_000);

  test.each([
    ['a name of 4 KiB', `encoding ${'x'.repeat(4_096)}\n`],
    ['a name with blanks and bytes', 'encoding \xff\xfe \t/../../etc\n'],
    ['a name that goes on in a second line', 'encoding ISO-\n 8859-1\n'],
    ['two names', 'encoding ISO-8859-1\nencoding CP1251\n'],
    ['translit and ignore', 'encoding ISO-8859-1//IGNORE\n'],
    ['a path', 'encoding /etc/passwd\n'],
  ])('hostile: %s', async (_, headers) => {
    const repository = Repository.create();
    const id = repository.commit({}, { headers, message: Buffer.from('caf\xe9 and more\n', 'latin1') });
    const { event, git } = (await compared(repository, [id]))[0]!;
    expect(textsOf(event)).toEqual(git.map((bytes) => bytes.toString()));
    expect(event.data['messageBytes']).toBe(Buffer.from('caf\xe9 and more\n', 'latin1').toString('base64'));
    expect(text(event.data['encoding']).length).toBeLessThanOrEqual(100);
  });

  test('a NUL ends what git converts, and the bytes have the rest', async () => {
    const repository = Repository.create();
    const message = Buffer.from('caf\xe9\0more\n', 'latin1');
    const { event } = (
      await compared(repository, [repository.commit({}, { headers: 'encoding latin1\n', message })])
    )[0]!;
    expect(event.data).toMatchObject({ message: 'café', messageBytes: message.toString('base64') });
    expect(event.flags).toEqual(['converted']);
  });

  test('a commit whose tree is gone is converted all the same, and so is the one after it', async () => {
    const repository = Repository.create();
    const gone = repository.object(
      `tree ${'0123456789'.repeat(4)}\nauthor J\xf6rg <j@x> 1 +0000\ncommitter C <c@x> 1 +0000\nencoding latin1\n\ncaf\xe9\n`,
    );
    const whole = repository.commit({}, { headers: 'encoding latin1\n', message: Buffer.from('na\xefve\n', 'latin1') });
    const texts = new CommitTexts({ directory: join(repository.path, '.git'), signal: new AbortController().signal });
    onTestFinished(() => texts.close());
    const of = async (id: string) => {
      const object = gitBytes(repository.path, ['cat-file', 'commit', id]);
      return (await texts.of(id, object, object.length))?.toString().split('\0');
    };
    expect([await of(whole), await of(gone), await of(whole)].map((read) => [read?.[0], read?.[4]])).toEqual([['Ada', 'naïve\n'], ['Jörg', 'café\n'], ['Ada', 'naïve\n']]); // prettier-ignore
    // Of an object that is not there nothing is told: the mirror is damaged.
    await expect(texts.of('f'.repeat(40), Buffer.from('tree\nencoding latin1\n\n'), 22)).rejects.toThrow(
      'missing or unreadable in the mirror',
    );
  });

  test('a message of many megabytes keeps its bytes and is not converted', async () => {
    const repository = Repository.create();
    const { event } = (
      await compared(repository, [
        repository.commit({}, { headers: 'encoding latin1\n', message: Buffer.alloc(9_000_000, 0xe9) }),
      ])
    )[0]!;
    expect(event.flags).toEqual(['message_truncated', 'not_utf8']);
    expect(JSON.stringify(event.data).length).toBeLessThan(limits.eventDataBytesMax);
  });

  test('git converts no tag: its bytes are kept and flagged', async () => {
    const repository = Repository.create();
    const id = repository.commit({});
    repository.point(id);
    const object = Buffer.from(
      `object ${id}\ntype commit\ntag caf\xe9\ntagger J\xf6rg <j@x> 1 +0000\nencoding latin1\n\nna\xefve\n`,
      'latin1',
    );
    repository.point(
      repository.git(['hash-object', '-t', 'tag', '--literally', '-w', '--stdin'], object),
      'refs/tags/v1',
    );
    const tag = refEventsOf(await new Reading({ url: repository.path }).run()).find(
      ({ type }) => type === 'git.tag_created',
    )!;
    expect(tag.data).toMatchObject({
      name: 'caf\ufffd',
      message: 'na\ufffdve\n',
      tagger: { name: 'J\ufffdrg', nameBytes: 'SvZyZw==' },
    });
    expect([tag.data['nameBytes'], tag.data['messageBytes']]).toEqual(['Y2Fm6Q==', 'bmHvdmUK']);
    expect(tag.flags).toEqual(['not_utf8']);
  });
});
