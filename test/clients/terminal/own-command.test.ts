// What is printed as a command can be pasted where it was started.
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { declaredProgram } from '../../../src/clients/program.js';
import { ownCommand, pasteable } from '../../../src/clients/terminal/own-command.js';
import { packageRoot } from '../../../src/package-root.js';

const root = realpathSync(mkdtempSync(join(tmpdir(), 'tributary-place-')));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const program = join(realpathSync(packageRoot), 'bin', 'tributary.js');

/** `tributary` is what stands there: ours, or a program of somebody else. */
function folder(name: string, target?: string): string {
  const path = join(root, name);
  mkdirSync(path, { recursive: true });
  if (target !== undefined) symlinkSync(target, join(path, 'tributary'));
  return path;
}

writeFileSync(join(root, 'stranger'), '#!/bin/sh\n');
const empty = folder('empty');
const ours = folder('ours', program);
const stranger = folder('strange', join(root, 'stranger'));
const project = folder('project/packages/deep');
folder('project/node_modules/.bin', program);
const otherProject = folder('other');
folder('other/node_modules/.bin', join(root, 'stranger'));

test.each([
  ['on PATH, anywhere', empty, [stranger + '-gone', ours], 'tributary'],
  ['on PATH, in a clone', packageRoot, [ours], 'tributary'],
  ['in the clone', packageRoot, [empty], 'npx tributary'],
  ['in a folder of the clone', join(packageRoot, 'src', 'clients'), [], 'npx tributary'],
  ['in a project that depends on it', project, [empty], 'npx tributary'],
  ['in an empty directory', empty, [empty], `node ${program}`],
  ['where PATH has another program of that name first', empty, [stranger, ours], `node ${program}`],
  ['where npx would run another program of that name', otherProject, [], `node ${program}`],
])('%s', (_, directory, searchPath, command) => {
  expect(ownCommand({ directory, searchPath })).toBe(command);
});

test('only what is named as a command is told otherwise: data that speaks of tributary is left', () => {
  const text =
    'see `tributary status`, or\n  $ tributary sync git .\n  to stop it  tributary stop a; tributary is a name';
  expect(pasteable(text, 'npx tributary')).toBe(
    'see `npx tributary status`, or\n  $ npx tributary sync git .\n  to stop it  npx tributary stop a; tributary is a name',
  );
  expect(pasteable(text, 'tributary')).toBe(text);
});

test('every command that a text of ours names is in backticks, after `$ ` or two spaces, and told as a hint', () => {
  const texts = readdirSync(join(packageRoot, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => ({ path, text: readFileSync(join(packageRoot, 'src', path), 'utf8').replaceAll(comments, '') }));
  const commands = declaredProgram(() => async () => undefined).commands.map((command) => command.name());
  const bare = new RegExp(`(?<!\`|\\$ | {2}|\\w)tributary (${commands.join('|')})\\b`, 'g');
  const said = /\.say\([^;]*?(?:\\`|'`|\$ | {2})tributary [a-z][^;]*;/g;
  const found = texts.flatMap(({ path, text }) =>
    [...text.matchAll(bare), ...text.matchAll(said)].map(([words]) => `${path}: ${words}`),
  );
  expect(found.filter((one) => !names.some((name) => one.startsWith(name)))).toEqual([]);
});

const comments = /\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm;
/** The scripts complete that very word; the other is a name in a run's row. */
const names = ['clients/completion/completion-script.ts: ', 'store/remove-source.ts: tributary sources'];
