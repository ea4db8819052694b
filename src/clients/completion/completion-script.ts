// Completion scripts. Words and options stand in the script, so that completing them starts nothing; only ids of sources are
// asked for, from the database of a stack that runs.
import type { CompletedCommand, Expected } from './completion-data.js';

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

const askSources = 'tributary completion sources 2>/dev/null';

function bashScript(commands: readonly CompletedCommand[]): string {
  return `# tributary: completion for bash. Load it with: source <(tributary completion bash)
_tributary() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" at="" i options="" words="" expect="anything"
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$at|\${COMP_WORDS[i]}" in
${descents(commands)
  .map(([from, to]) => `      ${from}) at=${to} ;;`)
  .join('\n')}
    esac
  done
  case "$at" in
${commands.map((command) => `    ${quoted(command.path)}) options=${quoted(optionNames(command))} words=${quoted(wordsOf(command))} expect=${expectOf(command)} ;;`).join('\n')}
  esac
  case "$at|$prev" in
${valueCases(commands)
  .map(([pattern, value]) => `    ${pattern}) options="" ${assignments(value)} ;;`)
  .join('\n')}
  esac
  case "$expect" in source) [[ "$cur" == -* ]] || words="$words $(${askSources})" ;; esac
  if [[ "$cur" == -* ]]; then words="$options"; elif [ "$expect" = file ]; then compopt -o default 2>/dev/null; fi
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -F _tributary tributary
`;
}

/** With `compadd`, which decides itself what fits the word begun. */
function zshScript(commands: readonly CompletedCommand[]): string {
  return `#compdef tributary
# tributary: completion for zsh. Load it with: source <(tributary completion zsh)
_tributary() {
  local cur="$words[CURRENT]" prev="$words[CURRENT-1]" at="" i options="" offered="" expect="anything"
  for ((i = 2; i < CURRENT; i++)); do
    case "$at|$words[i]" in
${descents(commands)
  .map(([from, to]) => `      (${from}) at=${to} ;;`)
  .join('\n')}
    esac
  done
  case "$at" in
${commands.map((command) => `    (${quoted(command.path)}) options=${quoted(optionNames(command))} offered=${quoted(wordsOf(command))} expect=${expectOf(command)} ;;`).join('\n')}
  esac
  case "$at|$prev" in
${valueCases(commands)
  .map(([pattern, value]) => `    (${pattern}) options="" ${assignments(value, 'offered')} ;;`)
  .join('\n')}
  esac
  if [[ "$cur" == -* ]]; then compadd -- \${=options}; return; fi
  [[ "$expect" == source ]] && offered="$offered $(${askSources})"
  [[ "$expect" == file ]] && _files
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
          `${here} ${names.map(fishName).join(' ')} -d ${quoted(summary)}${value === null ? '' : fishValue(value)}`,
      ),
      ...command.arguments.map((value) => `${here}${value === 'file' ? ' -F' : fishWords(value)}`),
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

function fishValue(value: Expected): string {
  return value === 'file' ? ' -r -F' : ` -x${fishWords(value)}`;
}

function fishWords(value: Expected): string {
  if (value === 'source') return ` -a ${quoted(`(${askSources})`)}`;
  return typeof value === 'object' ? ` -a ${quoted(value.words.join(' '))}` : '';
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

function wordsOf({ commands, arguments: given }: CompletedCommand): string {
  return [
    ...commands.map(({ name }) => name),
    ...given.flatMap((value) => (typeof value === 'object' ? value.words : [])),
  ].join(' ');
}

function expectOf({ arguments: given }: CompletedCommand): string {
  return given.find((value) => value === 'source' || value === 'file') === undefined
    ? 'anything'
    : String(given.find((value) => value === 'source' || value === 'file'));
}

function valueCases(commands: readonly CompletedCommand[]): [string, Expected][] {
  return commands.flatMap(({ path, options }) =>
    options.flatMap(({ names, value }) =>
      value === null ? [] : [[names.map((name) => quoted(`${path}|${name}`)).join('|'), value] as [string, Expected]],
    ),
  );
}

function assignments(value: Expected, words = 'words'): string {
  return typeof value === 'object'
    ? `${words}=${quoted(value.words.join(' '))} expect=anything`
    : `${words}="" expect=${value}`;
}

/** For all three shells; our own words have no backslash. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", '’')}'`;
}
