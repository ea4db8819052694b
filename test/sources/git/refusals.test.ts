// Bad input: one clear line that names the field, and nothing run.
import { chmodSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { getuid } from 'node:process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { InvalidInput, NeedsAttention, Transient } from '../../../src/domain/errors.js';
import { parseInput } from '../../../src/domain/parse.js';
import { git } from '../../../src/sources/git/index.js';
import { GitFailure, mayBeContent, originFailure, refusedAccess, shown } from '../../../src/sources/git/git-failure.js';
import { Reading, shasOf } from './reading.js';
import { Repository, temporaryDirectory } from './repository.js';

function refusal(options: unknown): string {
  try {
    parseInput(git.options, options, 'source.options');
  } catch (error) {
    if (error instanceof InvalidInput) return error.message;
    throw error;
  }
  return 'accepted';
}

describe('options', () => {
  test.each([
    ['--upload-pack=touch /tmp/x', "starts with '-'"],
    ['-u/tmp/x', "starts with '-'"],
    ['ext::sh -c touch% /tmp/x', 'transport helper'],
    ['fd::17', 'transport helper'],
    ['ftp://host/x', 'scheme ftp'],
    ['javascript://x/y', 'scheme javascript'],
    ['ssh://-oProxyCommand=touch/x', "starts with '-'"],
    ['ssh://user@-oProxyCommand=touch/x', "starts with '-'"],
    ['-oProxyCommand=touch:x', "starts with '-'"],
    ['user@-oProxyCommand=touch:x', "starts with '-'"],
    ['host:-x', "starts with '-'"],
    ['https://ada:secret@host/x', 'user name or password'],
    ['https://ghp_secret@host/x', 'user name or password'],
    ['ssh://ada:secret@host/x', 'user name or password'],
    ['https://host/x?token=secret', 'query'],
    ['https://host/x%0a', 'line break'],
    ['https:///x', ''],
    ['file://host/x', 'file url with a host'],
    ['/repo\n--output=x', 'control character'],
    ['/repo\0', 'control character'],
    ['.', 'relative path'],
    ['../repo', 'relative path'],
    ['repo', 'relative path'],
    ['', 'is empty'],
    [17, 'no text'],
    [undefined, 'missing'],
  ])('url %j is refused', (url, reason) => {
    const message = refusal({ url });
    expect(message).toMatch(/^source\.options\.url: /);
    expect(message).toContain(reason);
    expect(message).not.toMatch(/secret|\n/);
  });

  test.each([
    '/srv/repo',
    '/srv/with blank/repo.git',
    'https://github.com/acme/api.git',
    'http://localhost:8080/x',
    'ssh://git@host:22/x',
    'git@github.com:acme/api.git',
    'git://host/x',
    'file:///srv/repo',
    'HTTPS://host/x',
  ])('url %s is taken', (url) => expect(refusal({ url })).toBe('accepted'));

  test.each([
    '--output=/x', '@{-1}', 'refs/heads/@{1}', 'refs/heads/a..b', '^HEAD', 'refs/heads/^x', ':path', 'refs/heads/a:refs/heads/b', 'refs/heads/a\nb',
    'refs/heads/a\0b', 'main', 'refs/heads/*/*', 'refs//x', 'refs/heads/x.lock', 'refs/heads/.x', 'refs/heads/a b', 'refs/heads/a~1', 'refs/[a]', '',
  ])('ref %j is refused', (ref) => expect(refusal({ url: '/x', refs: [ref] })).toMatch(/^source\.options\.refs\.0: [^\n]+expected HEAD or a name like/)); // prettier-ignore

  test.each([
    [{ token: 'ghp_secret' }, 'token: expected env:TRIBUTARY_SECRET_NAME, or file:NAME'],
    [{ token: 'env:HOME' }, 'token: expected env:TRIBUTARY_SECRET_NAME, or file:NAME'],
    [{ token: 'file:a', url: 'http://git.example.org/x' }, 'token: would be sent in the clear; expected an https url'],
    [{ token: 'file:a', url: 'git@host:x' }, 'token: is for https repositories'],
    [{ token: 'file:a', url: '/srv/repo' }, 'token: is for https repositories'],
    [{ token: 'file:a', url: 'http://[' }, 'url: is not a valid url'],
    [{ tokenUser: 'ana' }, 'tokenUser: is given without a token'],
    [{ tokenUser: 'ana:secret', token: 'file:a' }, 'tokenUser: expected one word'],
    [{ tokenScheme: 'digest', token: 'file:a' }, 'tokenScheme: expected basic or bearer'],
    [{ tokenScheme: 'bearer', tokenUser: 'ana', token: 'file:a' }, 'tokenUser: is given while tokenScheme is bearer'],
    [{ proxy: 'http://ana:secret@proxy:1' }, 'proxy: holds a user name or password'],
    [{ proxy: 'ftp://proxy' }, 'proxy: expected a url like'],
    [{ proxy: 'http://proxy/path' }, 'proxy: expected a url like'],
    [{ proxy: 'http://proxy:1', url: 'ssh://host/x' }, 'proxy: is for https repositories'],
    [{ proxyCredentials: 'file:a' }, 'proxyCredentials: is given without a proxy'],
    [{ caFile: 'ca.pem' }, 'caFile: expected an absolute path'],
  ])('%j is refused', (given, reason) => {
    const message = refusal({ url: 'https://host/x', ...given });
    expect(message).toMatch(/^source\.options\./);
    expect(message).toContain(reason);
    expect(message).not.toMatch(/secret[^s]*$|ghp_/);
  });

  test('others', () => {
    expect(refusal({ url: '/x', refs: [] })).toMatch(/^source\.options\.refs: is empty/);
    expect(refusal({ url: '/x', refs: 'main' })).toMatch(/^source\.options\.refs: expected a list/);
    expect(refusal({ url: '/x', renames: 'yes' })).toMatch(/^source\.options\.renames: expected true or false/);
    expect(refusal({ url: '/x', maxCommits: 0 })).toMatch(/^source\.options\.maxCommits: expected at least 1/);
    expect(refusal({ url: '/x', copies: 1 })).toMatch(/^source\.options\.copies: expected true or false/);
    expect(refusal({ url: '/x', copies: true, renames: false })).toMatch(
      /^source\.options\.copies: is true while renames is false; /,
    );
    expect(refusal({ url: '/x', symbols: 'yes' })).toMatch(/^source\.options\.symbols: expected true or false/);
    expect(refusal({ url: '/x', symbols: true, diff: 'none' })).toMatch(
      /^source\.options\.symbols: is true while diff is none; /,
    );
    expect(refusal({ url: '/x', diff: 'full' })).toMatch(/^source\.options\.diff: expected none, stats or patch/);
    expect(refusal({ url: '/x', include: 'src' })).toMatch(/^source\.options\.include: expected a list like/);
    expect(refusal({ url: '/x', exclude: ['a', '../b'] })).toMatch(
      /^source\.options\.exclude\.1: has an empty part, '\.' or '\.\.'; expected a path/,
    );
    expect(refusal({ url: '/x', include: Array.from({ length: 101 }, () => 'a') })).toMatch(
      /^source\.options\.include: has more than 100 entries/,
    );
    for (const since of ['yesterday', '2024-02-30', '2024-01-01T00:00:00', '', '1700000000'])
      expect(refusal({ url: '/x', since })).toMatch(/^source\.options\.since: is no moment; expected RFC 3339/);
    expect(refusal({ url: '/x', since: 2024 })).toMatch(/^source\.options\.since: expected RFC 3339/);
    expect(
      refusal({
        url: '/x',
        since: '2024-02-29',
        diff: 'patch',
        copies: true,
        include: ['src/**'],
        exclude: ['**/*.min.js'],
      }),
    ).toBe('accepted');
    expect(refusal({ url: '/x', depth: 1 })).toMatch(
      /^source\.options\.depth: is not an option here; expected one of url, refs/,
    );
  });

  test.each([
    ['https://github.com/Acme/api.git', 'acme/api'],
    ['https://host/group/sub/api/', 'group/sub/api'],
    ['git@github.com:acme/api.git', 'acme/api'],
    ['ssh://git@host:2222/~ada/api.git', 'ada/api'],
    ['/srv/repos/Api', 'api'],
    ['/srv/repos/api/.git', 'api'],
    ['/srv/repos/api.git/', 'api'],
    ['file:///srv/repos/api', 'api'],
    ['/', 'source'],
  ])('the id of %s is %s', (url, id) => expect(git.defaultId(git.options.parse({ url }))).toBe(id));

  test('the origin is the place, however it was written', () => {
    const origin = (url: string): string => git.origin(git.options.parse({ url }));
    expect(origin('/srv/repo/')).toBe('/srv/repo');
    expect(origin('file:///srv/repo')).toBe('/srv/repo');
    expect(origin('https://host/x/')).toBe('https://host/x');
  });
});

describe('origins that cannot be read', () => {
  async function failure(url: string): Promise<unknown> {
    return new Reading({ url }).run().catch((error: unknown) => error);
  }

  test.each([
    ['a directory that is no repository', () => temporaryDirectory()],
    ['a directory that is not there', () => join(temporaryDirectory(), 'nowhere')],
    ['a file', () => file('text')],
    ['a .git file that points nowhere', () => { const directory = temporaryDirectory(); writeFileSync(join(directory, '.git'), 'gitdir: /nowhere\n'); return directory; }], // prettier-ignore
  ])('%s', async (_, make) => {
    const error = await failure(make());
    expect(error).toBeInstanceOf(InvalidInput);
    expect(error).toMatchObject({
      field: 'url',
      message: expect.stringMatching(/^url: found no git repository at [^\n]+$/) as string,
    });
  });

  test.each([
    'https://nowhere.invalid/x.git',
    'http://127.0.0.1:1/x.git',
    'git://127.0.0.1:1/x',
    'ssh://127.0.0.1:1/x',
  ])('a host that does not answer: %s', async (url) => {
    expect(await failure(url)).toMatchObject({
      // It may be right all the same: no wrong use.
      code: 'unreachable',
      field: 'url',
      message: expect.stringContaining('cannot be reached') as string,
    });
  });

  test('a directory without permission', async () => {
    const repository = Repository.create();
    chmodSync(repository.path, 0);
    // Root may read everything, so as root only what is made of the refusal is seen.
    const error =
      getuid?.() === 0
        ? refusedAccess(repository.path, 'git said: permission denied', true)
        : await failure(repository.path);
    chmodSync(repository.path, 0o700);
    expect(error).toMatchObject({ field: 'url', message: expect.stringContaining('no permission to read') as string });
  });

  test("what is wrong later is not the user's input", async () => {
    const said = (stderr: string, first: boolean): Error =>
      originFailure(new GitFailure('fetch', 'exit 128', stderr), 'https://h/x', first);
    expect(said('fatal: Authentication failed for', true)).toMatchObject({ field: 'url' });
    expect(said('git@h: Permission denied (publickey).', false)).toMatchObject({ code: 'git_no_permission' });
    expect(said('git@h: Permission denied (publickey).', false)).toBeInstanceOf(NeedsAttention);
    expect(said('fatal: repository not found', false)).toMatchObject({ code: 'git_no_repository' });
    expect(said('Could not resolve host: h', false)).toBeInstanceOf(Transient);
    expect(mayBeContent(new GitFailure('fetch', 'exit 128', 'fatal: early EOF'))).toBe(false);
    expect(mayBeContent(new GitFailure('fetch', 'exit 128', 'write error: No space left on device'))).toBe(false);
    expect(mayBeContent(new GitFailure('fetch', 'exit 128', 'fatal: pack has bad object at offset 12'))).toBe(true);
    expect(said('The requested URL returned error: 503', true)).toBeInstanceOf(Transient);
    expect(said('remote: aborting due to possible repository corruption', true)).toMatchObject({
      code: 'git_incomplete',
    });
  });

  test('what a repository or a branch is called decides nothing', () => {
    const about = (stderr: string, url: string): Error =>
      originFailure(new GitFailure('fetch', 'exit 128', stderr), url, false);
    const damaged = (path: string): string =>
      `error: object file ${path}/.git/objects/12/34 is empty | fatal: bad object HEAD`;
    for (const name of ['openssl', 'certificates', 'timed out', 'publickey', 'access denied'])
      expect(about(damaged(`/srv/${name}`), `/srv/${name}`)).toMatchObject({ code: 'git_incomplete' });
    const url = 'https://h/openssl/openssl.git';
    expect(about(`fatal: unable to access '${url}/': The requested URL returned error: 503`, url)).toMatchObject({
      code: 'git_fetch_failed',
    });
    expect(about(`fatal: unable to access '${url}/': SSL certificate problem: expired`, url)).toMatchObject({
      code: 'git_unreachable',
    });
    expect(about(`fatal: unable to access '${url}/': OpenSSL SSL_connect: reset`, url)).toMatchObject({
      code: 'git_unreachable',
    });
    const branch = 'fatal: cannot lock ref refs/tributary/tips/refs/heads/ssl: unable to resolve reference';
    expect(mayBeContent(new GitFailure('fetch', 'exit 128', branch))).toBe(true);
  });

  test('what git says is shown without credentials and control characters', () => {
    expect(shown('fatal: https://ada:pw@h/x\n\u001b[31mred\u202e\n')).toBe('fatal: https://***@h/x |  [31mred');
  });

  test('a partial clone is named as such, and its settings fetch nothing', async () => {
    const [full, partial] = [Repository.create(), join(temporaryDirectory(), 'partial')];
    full.line(3);
    full.git(['config', 'uploadpack.allowFilter', 'true']);
    full.git(['clone', '-q', '--bare', '--filter=blob:none', `file://${full.path}`, partial]);
    expect(await failure(partial)).toMatchObject({
      code: 'git_incomplete',
      message: expect.stringContaining('partial clone') as string,
    });
  });
});

describe('a repository whose settings attack', () => {
  test('nothing of it runs', async () => {
    const repository = Repository.create();
    const ids = repository.line(2);
    const signed = repository.commit(
      { '.gitattributes': '* filter=evil diff=evil\n', x: 'y' },
      { parents: [ids[1]!], headers: 'gpgsig -----BEGIN PGP SIGNATURE-----\n x\n' },
    );
    repository.point(signed);
    const canary = join(temporaryDirectory(), 'canary');
    const evil = join(temporaryDirectory(), 'evil');
    writeFileSync(evil, `#!/bin/sh\ntouch ${canary}\nexec cat\n`);
    chmodSync(evil, 0o755);
    const settings = ['core.fsmonitor', 'core.sshCommand', 'core.pager', 'core.editor', 'gpg.program', 'uploadpack.packObjectsHook', 'filter.evil.clean', 'filter.evil.smudge',
      'diff.evil.textconv', 'diff.evil.command', 'diff.external', 'credential.helper', 'remote.origin.uploadpack', 'core.gitProxy', 'core.alternateRefsCommand', 'receive.procReceiveRefs']; // prettier-ignore
    for (const key of settings) repository.git(['config', key, evil]);
    repository.git(['config', 'log.showSignature', 'true']);
    hooks(join(repository.path, '.git', 'hooks'), evil);
    repository.git(['config', 'core.hooksPath', join(repository.path, '.git', 'hooks')]);
    expect(shasOf(await new Reading({ url: repository.path }).run())).toEqual([...ids, signed]);
    expect(existsSync(canary)).toBe(false);
  });

  function hooks(directory: string, evil: string): void {
    mkdirSync(directory, { recursive: true });
    for (const hook of [
      'post-checkout',
      'reference-transaction',
      'post-index-change',
      'pre-auto-gc',
      'fsmonitor-watchman',
      'post-update',
      'update',
    ]) {
      if (!existsSync(join(directory, hook))) symlinkSync(evil, join(directory, hook));
    }
  }

  test('a bare repository inside another is not mistaken for it', async () => {
    const repository = Repository.create();
    const ids = repository.line(1);
    const inner = join(repository.path, 'inner');
    repository.git(['init', '-q', '--bare', inner]);
    repository.git(['config', '-f', join(inner, 'config'), 'core.fsmonitor', 'touch canary']);
    expect(shasOf(await new Reading({ url: repository.path }).run())).toEqual(ids);
    expect(await new Reading({ url: inner }).run()).toEqual([]);
    expect(readdirSync(inner)).not.toContain('canary');
  });
});

function file(content: string): string {
  const path = join(temporaryDirectory(), 'file');
  writeFileSync(path, content);
  return path;
}
