// The types of an entry as a page for people: each name with its docstring, its example and its declaration, as they are.

export interface Exported {
  readonly name: string;
  readonly kind: 'function' | 'class' | 'const' | 'interface' | 'type';
  /** Markdown, without its example; empty where there is no docstring. */
  readonly text: string;
  /** A block of code, or null. */
  readonly example: string | null;
  readonly declaration: string;
}

/** `declarations`: the text of a rolled-up file, whose parts are apart by empty lines. */
export function exportsOf(declarations: string): Exported[] {
  return declarations
    .split(/\n\n(?=\S)/)
    .map(partOf)
    .filter((part) => part !== undefined);
}

const form =
  /^(?:\/\*\*([\s\S]*?)\*\/\n)?(export declare (?:abstract )?(function|class|const|interface|type) (\w+)[\s\S]*)$/;

function partOf(part: string): Exported | undefined {
  const [, comment = '', declaration, kind, name] = form.exec(part.trim()) ?? [];
  if (declaration === undefined) return undefined;
  const lines = comment.split('\n').map((line) => line.replace(/^\s*\* ?/, '').trimEnd());
  const [text = '', example] = lines
    .join('\n')
    .trim()
    .split(/^@example\n/m);
  return {
    name: name!,
    kind: kind as Exported['kind'],
    text: text.trim(),
    example: example?.trim() ?? null,
    // Marks by which a copy of this package knows the errors of another.
    declaration: declaration.replaceAll('export declare ', 'export ').replaceAll(/^ +readonly \[\w+\].*\n/gm, ''),
  };
}

/** What a reader would miss: a name without a docstring, a function without an example. */
export function missingDocs(exported: readonly Exported[]): string[] {
  return exported.flatMap(({ name, kind, text, example }) => [
    ...(text === '' ? [`${name} has no docstring`] : []),
    ...(kind === 'function' && example === null ? [`${name} has no example`] : []),
  ]);
}

const sections = [
  ['Functions', ['function']],
  ['Classes and values', ['class', 'const']],
  ['Types', ['interface', 'type']],
] as const;

export function apiPage(title: string, introduction: string, exported: readonly Exported[]): string {
  const groups = sections.map(([heading, kinds]) => ({
    heading,
    members: exported.filter(({ kind }) => (kinds as readonly string[]).includes(kind)),
  }));
  const contents = groups.map(
    ({ heading, members }) =>
      `- ${heading}: ${members.map(({ name }) => `[${name}](#${name.toLowerCase()})`).join(', ')}`,
  );
  const body = groups.flatMap(({ heading, members }) => [`## ${heading}`, ...members.map(memberText)]);
  const note = '<!-- Made from the docstrings by `npm run docs:api`; edit those. -->';
  return `${[`# ${title}`, note, introduction, contents.join('\n'), ...body].join('\n\n')}\n`;
}

function memberText({ name, text, example, declaration }: Exported): string {
  return [`### ${name}`, text, ...(example === null ? [] : [example]), `\`\`\`ts\n${declaration}\n\`\`\``].join('\n\n');
}
