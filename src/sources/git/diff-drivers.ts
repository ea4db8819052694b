// How git finds the line a hunk is in: its own diff drivers, chosen by a file of attributes that we write. Those of the
// origin are never read, and a driver here is a pattern, never a program.
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { extensionsOf } from './language.js';

/** git's own drivers by language; `tributary` is ours, for what git 2.39 has none. */
const drivers: Readonly<Record<string, string>> = {
  TypeScript: 'tributary', JavaScript: 'tributary', Python: 'python', Go: 'golang', Rust: 'rust', Java: 'java', C: 'cpp', 'C++': 'cpp', 'C#': 'csharp',
  Ruby: 'ruby', PHP: 'php', Ada: 'ada', Shell: 'bash', Elixir: 'elixir', Fortran: 'fortran', Kotlin: 'kotlin', 'Objective-C': 'objc', Pascal: 'pascal',
  Perl: 'perl', Scheme: 'scheme',
}; // prettier-ignore

export function hasDriver(language: string | null): language is string {
  return language !== null && Object.hasOwn(drivers, language);
}

/** POSIX extended, one a line; `!` is what no header may be. Lines of a class's body count only where they open a block. */
const ecmaScript = [
  '!^[ \t]*(if|for|while|switch|catch|with|else|return|do|new|await|throw|typeof|yield)[^A-Za-z0-9_$]',
  '^[ \t]*((export[ \t]+)?(default[ \t]+)?(declare[ \t]+)?(abstract[ \t]+)?(async[ \t]+)?(function|class|interface|enum|namespace|module)[ \t*].*)$',
  '^[ \t]*((export[ \t]+)?(declare[ \t]+)?type[ \t]+[A-Za-z_$][A-Za-z0-9_$]*.*=.*)$',
  '^[ \t]*((export[ \t]+)?(const|let|var)[ \t]+[A-Za-z_$][A-Za-z0-9_$]*[^=]*=[ \t]*(async[ \t]+)?(function[ \t*(]|\\(.*=>|[A-Za-z_$][A-Za-z0-9_$]*[ \t]*=>).*)$',
  '^[ \t]*(([a-z]+[ \t]+)*[*]?[ \t]*#?[A-Za-z_$][A-Za-z0-9_$]*[ \t]*(<[^()]*>)?\\([^()]*\\).*\\{)[ \t]*$',
].join('\n');

const attributesFile = (mirror: string): string => join(mirror, 'tributary.attributes');

export function driverSettings(mirror: string): readonly string[] {
  return [`core.attributesFile=${attributesFile(mirror)}`, `diff.tributary.xfuncname=${ecmaScript}`];
}

/** Before each reading: the mirror may be new, or an older version's. */
export async function writeAttributes(mirror: string): Promise<void> {
  const lines = Object.entries(drivers).flatMap(([language, driver]) =>
    extensionsOf(language).map((extension) => `*.${anyCase(extension)} diff=${driver}\n`),
  );
  const unnamed = `${attributesFile(mirror)}.${process.pid}`;
  await writeFile(unnamed, lines.join(''));
  await rename(unnamed, attributesFile(mirror));
}

/** `[pP][yY]`: the language of a file is known whatever the case of its name. */
function anyCase(extension: string): string {
  return extension.replaceAll(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);
}
