// Completion scripts. Words and options stand in the script, so that completing them starts nothing; only ids are asked for,
// from a stack that runs.
import type { Asked, CompletedCommand, Expected } from './completion-data.js';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

export function completionScript(shell: Shell, commands: readonly CompletedCommand[]): string {
  switch (shell) {
    case 'bash':
      return bashScript(commands);
    case 'zsh':
      return zshScript(commands);
    case 'fish':
      return fishScript(commands);
  }
}

const asking = (what: string): string => `tributary completion ${what} 2>/dev/null`;

/** By the line as it was typed: bash breaks words at @, = and :, too, and replaces only what stands behind the last of them. */
function bashScript(commands: readonly CompletedCommand[]): string {
  return `# tributary: completion for bash. Load it with: source <(tributary completion bash)
_tributary() {
  local line="\${COMP_LINE:0:COMP_POINT}" given at="" i one options="" words="" asks="" files=""
  read -ra given <<< "$line"
  [[ "$line" == *[[:space:]] ]] && given+=("")
  local cur="\${given[\${#given[@]}-1]}" prev="\${given[\${#given[@]}-2]}"
  for ((i = 1; i < \${#given[@]} - 1; i++)); do
    case "$at|\${given[i]}" in
${descents(commands)
  .map(([from, to]) => `      ${from}) at=${to} ;;`)
  .join('\n')}
    esac
  done
  case "$at" in
${commands.map((command) => `    ${quoted(command.path)}) options=${quoted(optionNames(command))} ${assignments(allOf(command))} ;;`).join('\n')}
  esac
  case "$at|$prev" in
${valueCases(commands)
  .map(([pattern, value]) => `    ${pattern}) options="" ${assignments(value)} ;;`)
  .join('\n')}
  esac
  if [[ "$cur" == -* ]]; then words="$options" asks="" files=""; fi
  for one in $asks; do words="$words $(${asking('$one')})"; done
  [ -n "$files" ] && compopt -o default 2>/dev/null
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
  local breaks="\${COMP_WORDBREAKS//[^@=:]/}"
  local behind="\${cur##*["$breaks"]}"
  # Readline keeps an @ with the word behind it, as it does a $: what is put in its place must have it, too.
  [[ "$breaks" == *@* && "\${cur%"$behind"}" == *@ ]] && behind="@$behind"
  [ -n "$breaks" ] && COMPREPLY=("\${COMPREPLY[@]#"\${cur%"$behind"}"}")
}
complete -F _tributary tributary
`;
}

/** With `compadd`, which decides itself what fits the word begun. */
function zshScript(commands: readonly CompletedCommand[]): string {
  return `#compdef tributary
# tributary: completion for zsh. Load it with: source <(tributary completion zsh)
_tributary() {
  local cur="$words[CURRENT]" prev="$words[CURRENT-1]" at="" i one options="" offered="" asks="" files=""
  for ((i = 2; i < CURRENT; i++)); do
    case "$at|$words[i]" in
${descents(commands)
  .map(([from, to]) => `      (${from}) at=${to} ;;`)
  .join('\n')}
    esac
  done
  case "$at" in
${commands.map((command) => `    (${quoted(command.path)}) options=${quoted(optionNames(command))} ${assignments(allOf(command), 'offered')} ;;`).join('\n')}
  esac
  case "$at|$prev" in
${valueCases(commands)
  .map(([pattern, value]) => `    (${pattern}) options="" ${assignments(value, 'offered')} ;;`)
  .join('\n')}
  esac
  if [[ "$cur" == -* ]]; then compadd -- \${=options}; return; fi
  for one in \${=asks}; do offered="$offered $(${asking('$one')})"; done
  [[ -n "$files" ]] && _files
  compadd -- \${=offered}
}
if [[ "$funcstack[1]" == _tributary ]]; then _tributary "$@"; elif (( $+functions[compdef] )); then compdef _tributary tributary; fi
`;
}

function fishScript(commands: readonly CompletedCommand[]): string {
  const lines = commands.flatMap((command) => {
    const when = command.path === '' ? '__fish_use_subcommand' : `__tributary_at "${command.path}"`;
    const here = `complete -c tributary -n ${quoted(when)}`;
    return [
      ...command.commands.map(({ name, summary }) => `${here} -a ${name} -d ${quoted(summary)}`),
      ...command.options.map(
        ({ names, summary, value }) =>
          `${here} ${names.map(fishName).join(' ')} -d ${quoted(summary)}${value === null ? '' : ` ${value.files === true ? '-r' : '-x'}${fishWords(value)}`}`,
      ),
      ...command.arguments.map((value) => `${here}${fishWords(value)}`),
    ];
  });
  return `# tributary: completion for fish. Load it with: tributary completion fish | source
function __tributary_at
  set -l at
  for word in (commandline -opc)[2..-1]
    string match -q -- '-*' $word; and continue
    switch "$at|$word"
${descents(commands)
  .map(([from, to]) => `      case ${from}\n        set at ${to}`)
  .join('\n')}
    end
  end
  test "$at" = "$argv"
end
complete -c tributary -f
${lines.join('\n')}
`;
}

function fishName(name: string): string {
  return name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`;
}

function fishWords({ words = [], asks = [], files = false }: Expected): string {
  const offered = [...words, ...asks.map((what) => `(${asking(what)})`)];
  return `${files ? ' -F' : ''}${offered.length === 0 ? '' : ` -a ${quoted(offered.join(' '))}`}`;
}

/** From a command and the word after it to the command that word names. */
function descents(commands: readonly CompletedCommand[]): [string, string][] {
  return commands.flatMap(({ path, commands: below }) =>
    below.map(({ name }): [string, string] => [quoted(`${path}|${name}`), quoted(`${path} ${name}`.trim())]),
  );
}

function optionNames({ options }: CompletedCommand): string {
  return options.flatMap(({ names }) => names).join(' ');
}

/** Commands below it, and whatever any of its arguments may be. */
function allOf({ commands, arguments: given }: CompletedCommand): Expected {
  return {
    words: [...commands.map(({ name }) => name), ...given.flatMap(({ words = [] }) => words)],
    asks: [...new Set(given.flatMap(({ asks = [] }): readonly Asked[] => asks))],
    files: given.some(({ files }) => files === true),
  };
}

function valueCases(commands: readonly CompletedCommand[]): [string, Expected][] {
  return commands.flatMap(({ path, options }) =>
    options.flatMap(({ names, value }) =>
      value === null ? [] : [[names.map((name) => quoted(`${path}|${name}`)).join('|'), value] as [string, Expected]],
    ),
  );
}

function assignments({ words = [], asks = [], files = false }: Expected, into = 'words'): string {
  return `${into}=${quoted(words.join(' '))} asks=${quoted(asks.join(' '))} files=${files ? 'yes' : ''}`;
}

/** For all three shells; our own words have no backslash. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", '’')}'`;
}
