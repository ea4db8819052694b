// Which line declares what, for the languages where a line makes it plain; what is not plain is nothing. Lines are
// latin1: a name may be of any bytes.

export interface Declaration {
  readonly name: string;
  /** `function`, `method`, `class`, `interface` … in the words of the language. */
  readonly type: string;
}

interface Form {
  readonly pattern: RegExp;
  /** Absent: the keyword, group `type`. */
  readonly type?: string;
}

/** In the patterns below: N a name, EXPORT and MODS the words before. */
function form(pattern: string, type?: string): Form {
  const written = pattern.replaceAll('EXPORT', '(?:export\\s+)?(?:default\\s+)?(?:declare\\s+)?').replaceAll('MODS', modifiers).replaceAll('N', '[A-Za-z_$\\x80-\\xff][\\w$\\x80-\\xff]*'); // prettier-ignore
  return { pattern: new RegExp(written), ...(type === undefined ? {} : { type }) };
}

const modifiers =
  '(?:(?:public|protected|private|internal|abstract|static|final|sealed|non-sealed|strictfp|synchronized|native|default|virtual|override|async|extern|unsafe|partial|readonly|new)\\s+)*';
/** Words that stand where a type or a name would, and are neither. */
const noName =
  '(?!(?:if|for|foreach|while|switch|catch|with|else|return|do|new|await|throw|typeof|yield|case|goto|using|lock|assert|delete|sizeof|typedef|package|import|instanceof|in|is|not)\\b)';

const ecmaScript = [
  form('^\\s*EXPORT(?:async\\s+)?function\\b\\s*\\*?\\s*(?<name>N)\\s*[<(]', 'function'),
  form('^\\s*EXPORT(?:abstract\\s+)?class\\s+(?<name>N)\\s*(?:[<{]|extends\\b|implements\\b|$)', 'class'),
  form('^\\s*EXPORT(?<type>interface)\\s+(?<name>N)\\s*(?:[<{]|extends\\b|$)'),
  form('^\\s*EXPORT(?:const\\s+)?(?<type>enum)\\s+(?<name>N)\\s*(?:\\{|$)'),
  form('^\\s*EXPORT(?<type>type)\\s+(?<name>N)\\s*(?:<[^=]*>\\s*)?='),
  form('^\\s*EXPORT(?:namespace|module)\\s+(?<name>N(?:\\.N)*)\\s*\\{', 'namespace'),
  form(
    '^\\s*EXPORT(?:const|let|var)\\s+(?<name>N)\\s*(?::[^=]+)?=\\s*(?:async\\s+)?(?:function\\b|\\([^()]*\\)\\s*(?::[^=]+)?=>|N\\s*=>)',
    'function',
  ),
  form(
    `^\\s*MODS(?:accessor\\s+|[gs]et\\s+)?(?:\\*\\s*)?${noName}(?!function\\b)(?<name>#?N)\\s*(?:<[^()]*>)?\\([^()]*\\)\\s*(?::[^{}=;]+)?\\{\\s*$`,
    'method',
  ),
];

const cFamily = [
  form(
    '^(?:typedef\\s+|static\\s+|const\\s+)*(?<type>struct|class|union|enum|namespace)\\s+(?:class\\s+|struct\\s+)?(?<name>N(?:::N)*)\\s*(?:final\\s*)?(?:\\{|:(?!:))',
  ),
  // From the first column, with a type or a scope before the name. No macros: they are in capitals, or begin with `__`.
  form(`^${noName}(?:[A-Za-z_][\\w:<>,*&~\\s]*?[\\s*&]|(?=N::))(?!__|[A-Z0-9_]+\\s*\\(|(?:void|int|char|long|short|unsigned|signed|float|double|bool)\\s*\\()(?<name>~?N(?:::~?N)*)\\s*\\([^;={}]*\\{?\\s*$`, 'function'), // prettier-ignore
];

const classLike =
  '(?<type>class|interface|enum|record|struct|trait|namespace)\\s+(?<name>N(?:\\.N)*)\\s*(?:[<({:]|extends\\b|implements\\b|permits\\b|where\\b|$)';
const methodLike = [
  form(`^\\s*MODS${classLike}`),
  form('^\\s*(?:public|protected|private|internal)\\s+(?<name>N)\\s*\\([^;=]*$', 'constructor'),
  form(
    `^\\s*MODS(?:<[^()]*>\\s+)?${noName}[A-Za-z_][\\w.]*(?:<[^()]*>)?[?]?(?:\\[,*\\])*\\s+${noName}(?<name>N)\\s*(?:<[^()]*>)?\\([^;=]*$`,
    'method',
  ),
];

const forms: Readonly<Record<string, readonly Form[]>> = {
  TypeScript: ecmaScript,
  JavaScript: ecmaScript,
  Python: [
    form('^\\s*(?:async\\s+)?def\\s+(?<name>N)\\s*[(\\[]', 'function'),
    form('^\\s*class\\s+(?<name>N)\\s*[(:\\[]', 'class'),
  ],
  Go: [
    form('^func\\s+\\([^)]*\\)\\s*(?<name>N)\\s*[(\\[]', 'method'),
    form('^func\\s+(?<name>N)\\s*[(\\[]', 'function'),
    form('^type\\s+(?<name>N)(?:\\[[^\\]]*\\])?\\s+(?<type>struct|interface)\\b'),
  ],
  Rust: [
    form(
      '^\\s*(?:pub(?:\\([^)]*\\))?\\s+)?(?:default\\s+)?(?:const\\s+)?(?:async\\s+)?(?:unsafe\\s+)?(?:extern\\s+(?:"[^"]*"\\s+)?)?fn\\s+(?<name>N)\\s*[<(]',
      'function',
    ),
    form(
      '^\\s*(?:pub(?:\\([^)]*\\))?\\s+)?(?:unsafe\\s+)?(?<type>struct|enum|union|trait|mod)\\s+(?<name>N)\\s*(?:[<({;:]|where\\b|$)',
    ),
    form('^\\s*(?:unsafe\\s+)?(?<type>impl)(?:<[^{}]*?>)?\\s+(?:[^{}]*?\\s+for\\s+)?(?<name>N)\\s*(?:[<{]|where\\b|$)'),
  ],
  Java: methodLike,
  'C#': methodLike,
  C: cFamily,
  'C++': cFamily,
  Shell: [form('^\\s*(?:function\\s+)?(?<name>[\\w-]+)\\s*\\(\\)\\s*[{(]?\\s*$', 'function')],
  Ruby: [
    form('^\\s*def\\s+(?:self\\.)?(?<name>N[?!=]?)(?:[\\s(;]|$)', 'method'),
    form('^\\s*(?<type>class|module)\\s+(?<name>N(?:::N)*)\\s*(?:<|;|$)'),
  ],
  PHP: [
    form(
      '^\\s*(?:(?:abstract|final|public|protected|private|static)\\s+)+function\\s+&?\\s*(?<name>N)\\s*\\(',
      'method',
    ),
    form('^\\s*function\\s+&?\\s*(?<name>N)\\s*\\(', 'function'),
    form(
      '^\\s*(?:(?:abstract|final|readonly)\\s+)*(?<type>class|interface|trait|enum)\\s+(?<name>N)\\s*(?:[{:]|extends\\b|implements\\b|$)',
    ),
  ],
};

/** Characters of a line that are looked at: what declares is at its beginning, and a line may have megabytes. */
const lineCharsMax = 300;
/** git cuts a hunk's header after 80 bytes: a name that ends there may be half a name. */
export const headerBytesMax = 80;

/** Null when the line does not make it plain. `cutAt`: the length at which whoever gave the line cuts it. */
export function declarationIn(line: string, language: string, cutAt = lineCharsMax): Declaration | null {
  if (!Object.hasOwn(forms, language)) return null;
  const start = line.slice(0, Math.min(lineCharsMax, cutAt)).trimEnd();
  for (const { pattern, type } of forms[language]!) {
    const match = pattern.exec(start);
    if (match === null) continue;
    const { name, type: keyword } = match.groups as { name: string; type?: string };
    const mayBeCut =
      start.length >= cutAt - 1 && match.index + match[0].trimEnd().length >= start.length && start.endsWith(name);
    return mayBeCut ? null : { name: Buffer.from(name, 'latin1').toString(), type: type ?? keyword! };
  }
  return null;
}
