// Trailers are git's: what `git log --format=%(trailers:only,unfold)` says of a commit, whatever its message.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { subjectOf } from '../../../src/sources/git/commit-parser.js';
import { gitLimits } from '../../../src/sources/git/limits.js';
import { trailersOf } from '../../../src/sources/git/trailers.js';
import { gitBytes, Repository } from './repository.js';

/** One log for all messages: each is a commit, made by fast-import. */
function gitsTrailers(messages: readonly string[], format = '%(trailers:only,unfold)'): string[] {
  const repository = Repository.create('--bare');
  const commits = messages.map((message, at) => {
    const bytes = Buffer.from(message);
    return Buffer.concat([
      Buffer.from(`commit refs/heads/main\nmark :${at + 1}\ncommitter C <c@x> ${at} +0000\ndata ${bytes.length}\n`),
      bytes,
      Buffer.from('\n'),
    ]);
  });
  repository.git(['fast-import', '--quiet'], Buffer.concat(commits));
  const output = gitBytes(repository.path, [
    'log',
    '--reverse',
    '--topo-order',
    '-z',
    `--format=${format}`,
    'main',
  ]).toString();
  return output.split('\0').slice(0, messages.length);
}

function ours(message: string): string {
  return trailersOf(message)
    .map(({ key, value }) => `${key}: ${value}\n`)
    .join('');
}

const scissors = '# ------------------------ >8 ------------------------';
const lines = [
  'Signed-off-by: Ada <a@x>', 'Signed-off-by:no blank', 'signed-off-by: lower', '(cherry picked from commit 0123)', '(cherry picked from',
  'Reviewed-by : Blank Before', 'Reviewed-by\t: tab', 'Key:', 'Key: value', 'Key: value', 'K-1:\tv', 'key = value', 'key#value', 'two words: no',
  'ключ: value', '-: dash', ': none', '\fKey: form feed', ' folded on', '\tfolded by a tab', '  ', '\t', '', '', 'text that is none', 'http://x',
  '# a comment', '#', ' # no comment', 'Conflicts:', '\tpath/in/conflict', '#\tpath', 'Conflicts: none', '---', '--- a/file', '-- ',
  scissors, `${scissors} `, 'Key: ends in CR\r', '\r', 'Fixes: #12', 'Change-Id: I0', 'Link: https://x/y', 'é', 'Key: \u00a0nbsp', 'Bug: 1: 2',
]; // prettier-ignore

/** Mostly of the shape that messages have, so that many have trailers. */
const messages = fc
  .tuple(
    fc.constantFrom('', '\n', ' \n\n', '# comment\n'),
    fc.array(fc.constantFrom(...lines), { minLength: 1, maxLength: 3 }),
    fc.array(fc.constantFrom(...lines), { maxLength: 8 }),
    fc.array(fc.constantFrom(...lines.slice(0, 22), '# a comment'), { maxLength: 6 }),
    fc.array(fc.constantFrom('', '# a comment', 'Conflicts:', '\tpath', scissors, 'diff', ' ', '\t', '---'), {
      maxLength: 4,
    }),
    fc.constantFrom('', '\n', '\n\n', '\r\n'),
  )
  .map(
    ([before, title, body, block, after, end]) =>
      before + [...title, '', ...body, '', ...block, ...after].join('\n') + end,
  );

describe('trailers', () => {
  test('of generated messages are those git finds', () => {
    const given = fc.sample(messages, { numRuns: 3_000, seed: Number(process.env['SEED'] ?? 7) });
    const expected = gitsTrailers(given);
    expect(expected.filter((found) => found !== '').length).toBeGreaterThan(300);
    const different = given.flatMap((message, at) =>
      ours(message) === expected[at] ? [] : [{ message, ours: ours(message), git: expected[at] }],
    );
    expect(different.slice(0, 3)).toEqual([]);
  });

  test.each([
    ['a block of conflicts behind them', 'subject\n\nSigned-off-by: A <a@x>\n\nConflicts:\n\ta.c\n\tb.c\n'],
    ['comments behind them', 'subject\n\nSigned-off-by: A <a@x>\n\n# Conflicts:\n#\ta.c\n'],
    ['comments between them', 'subject\n\nKey: 1\n# no\nKey: 2\n'],
    ['a line of three dashes is text of a commit', 'subject\n\nKey: 1\n---\n\nOther: 2\n'],
    ['a patch below scissors', `subject\n\nKey: 1\n${scissors}\ndiff --git a b\n`],
    ['folded values', 'subject\n\nKey: one\n two\n\tthree\nOther: x\n'],
    ['a quarter, with one of git', 'subject\n\ntext\ntext\ntext\nSigned-off-by: A <a@x>\n'],
    ['less than a quarter', 'subject\n\ntext\ntext\ntext\ntext\nSigned-off-by: A <a@x>\n'],
    [
      "a cherry-pick is git's line, and no trailer",
      'subject\n\ntext\nKey: 1\n(cherry picked from commit 0123456789)\n',
    ],
    ['text and none of git', 'subject\n\ntext\nKey: 1\n'],
    ['a subject alone', 'fix: something\n'],
    ['two of one', 'subject\n\nKey: 1\nKey: 1\n'],
    ['only a colon separates', 'subject\n\nKey= 1\n'],
    ['no line feed at the end', 'subject\n\nConflicts:'],
    ['carriage returns', 'subject\r\n\r\nKey: 1\r\n  2\r\n'],
    ['a value of no-break blanks', 'subject\n\nKey: \u00a0x\u00a0\n'],
  ])('%s', (_, message) => {
    expect(ours(message)).toBe(gitsTrailers([message])[0]);
  });

  test('of half a megabyte of blanks, lines and colons are found at once', () => {
    const many = 500_000;
    for (const text of [' ', '\n', ' \n', 'a', 'a ', '#\n', ': ', 'K: \n', '\t\r', '\n\t', 'Conflicts:\n']) {
      expect(trailersOf(`s\n\nKey: x${text.repeat(many / text.length)}y\nKey: 1`).length).toBeLessThanOrEqual(
        gitLimits.trailersMax,
      );
    }
  });

  test('end where git ends a text, and are bounded', () => {
    expect(trailersOf('subject\n\nKey: 1\n\0\n\nOther: 2\n')).toEqual([{ key: 'Key', value: '1' }]);
    const many = trailersOf(`subject\n\n${`Key: ${'x'.repeat(5_000)}\n`.repeat(1_000)}`);
    expect(many).toHaveLength(gitLimits.trailersMax);
    expect(many[0]!.value).toHaveLength(gitLimits.trailerCharsMax);
  });
});

test("subjects are git's, too: only four signs are blanks", () => {
  const blanks = [' ', '\t', '\r', '\f', '\v', '\u0085', '\u00a0', '\u2028', '\u3000', '\ufeff', '\n'];
  const text = fc.array(fc.constantFrom('word', 'é', '#', ...blanks, '\n', '\n'), { minLength: 1, maxLength: 9 });
  const messages = fc.sample(text.map((parts) => parts.join('')), { numRuns: 500, seed: 8 }); // prettier-ignore
  expect(messages.map(subjectOf)).toEqual(gitsTrailers(messages, '%s'));
});
