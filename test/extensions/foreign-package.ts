// A project of somebody else: Tributary from its packed tarball, and beside it the source of docs/adding-a-source.md as a
// package of its own. No network: the dependencies are the ones that are here.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../src/package-root.js';

export interface ForeignProject {
  readonly directory: string;
  /** The `tributary` program of the tarball. */
  readonly program: string;
  /** A file of JSON lines. */
  readonly notes: string;
  /** What the tarball holds. */
  readonly packed: readonly string[];
  remove(): void;
}

const manual = readFileSync(join(packageRoot, 'docs', 'adding-a-source.md'), 'utf8');

function blockOf(language: string): string {
  return new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``).exec(manual)![1]!;
}

/** Commands of the manual, without what stands beside them. */
export const manualCommands = blockOf('sh')
  .split('\n')
  .map((line) => line.replace(/\s+#.*/, ''))
  .filter((line) => line !== '');

export function foreignProject(): ForeignProject {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'tributary-foreign-')));
  const directory = join(root, 'project');
  mkdirSync(directory);
  const source = join(root, 'acme-notes');
  mkdirSync(source);
  writeFileSync(join(source, 'acme-notes.js'), blockOf('js'));
  writeFileSync(join(source, 'package.json'), blockOf('json'));
  const plugin = pack(source, root).path;
  writeFileSync(join(directory, 'package.json'), '{ "private": true }');
  // Peers would be asked of a registry.
  npm(['install', '--offline', '--legacy-peer-deps', '--no-audit', '--no-fund', '--ignore-scripts', plugin], directory);
  const tributary = pack(packageRoot, root);
  const program = installTributary(tributary.path, directory);
  const notes = join(directory, 'notes.jsonl');
  writeFileSync(notes, Array.from({ length: 200 }, (_, at) => lineOf(at)).join(''));
  return {
    directory,
    program,
    notes,
    packed: tributary.files,
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** Of the tarball `path`, without asking a registry for what it depends on. Answers with the program. */
export function installTributary(path: string, directory: string): string {
  const place = join(directory, 'node_modules', 'tributary-events');
  mkdirSync(place);
  execFileSync('tar', ['-xzf', path, '-C', place, '--strip-components=1']);
  symlinkSync(join(packageRoot, 'node_modules'), join(place, 'node_modules'));
  return join(place, 'bin', 'tributary.js');
}

function lineOf(at: number): string {
  const time = new Date(Date.UTC(2026, 0, 1) + at * 60_000).toISOString();
  return `${JSON.stringify({ id: at, time, title: `Note ${at}`, body: at === 7 ? 'the door creaks' : 'nothing', author: { name: 'Ada' } })}\n`;
}

function pack(directory: string, to: string): { path: string; files: string[] } {
  const out = npm(['pack', '--json', '--ignore-scripts', '--pack-destination', to], directory);
  const [packed] = JSON.parse(out) as [{ filename: string; files: { path: string }[] }];
  return { path: join(to, packed.filename), files: packed.files.map(({ path }) => path) };
}

function npm(words: readonly string[], cwd: string): string {
  return execFileSync('npm', words, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}
