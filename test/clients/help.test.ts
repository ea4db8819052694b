// Help shows an example for every command, and the examples are right use: their words go through the parser.
import type { Command as Commander } from 'commander';
import { describe, expect, test } from 'vitest';
import { declaredProgram } from '../../src/clients/program.js';

/** Parses and does nothing. */
function parser(): Commander {
  return declaredProgram(() => async () => {});
}

/** Every command, those made of others, too. */
function all(
  command: Commander,
  path: readonly string[] = [],
): { readonly path: readonly string[]; readonly command: Commander }[] {
  return command.commands.flatMap((one) => {
    const here = [...path, one.name()];
    return [{ path: here, command: one }, ...all(one, here)];
  });
}

/** Help as it is printed, with what is added after it. */
function helpOf(command: Commander): string {
  let text = '';
  command.configureOutput({ writeOut: (part) => (text += part) }).outputHelp();
  return text;
}

/** As a shell would split it; our examples have quotes, redirections and pipes, and nothing else a shell knows. */
function wordsOf(line: string): string[] {
  const [command = ''] = line.split(/ (?:>>?|<|\|) /);
  return [...command.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, single, double, bare]) => single ?? double ?? bare ?? '',
  );
}

const commands = all(parser()).filter(({ path }) => path.at(-1) !== 'help');

test('there are commands', () => {
  expect(commands.length).toBeGreaterThan(30);
});

describe.each(commands.map(({ path }) => path.join(' ')))('%s', (path) => {
  const find = (): Commander => all(parser()).find((one) => one.path.join(' ') === path)!.command;

  test('has an example of itself, a summary, and one for each option', () => {
    expect(helpOf(find())).toMatch(new RegExp(String.raw`\nExamples?:\n +\$ tributary ${path}\b`));
    expect(find().description()).not.toBe('');
    expect(find().options.filter((option) => option.description === '')).toEqual([]);
  });

  test('its examples are right use', async () => {
    const examples = [...helpOf(find()).matchAll(/^ +\$ tributary (.+)$/gm)].map(([, words]) => words!);
    for (const example of examples) {
      const program = parser();
      for (const command of [
        program,
        ...program.commands,
        ...program.commands.flatMap(({ commands: below }) => below),
      ]) {
        command.exitOverride().configureOutput({ writeErr: () => undefined });
      }
      await expect(program.parseAsync(wordsOf(example), { from: 'user' }), example).resolves.toBeDefined();
    }
  });
});
