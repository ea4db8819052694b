// tributary logs: the last lines of what the parts of the stack wrote, and with --follow what they write from now on.
import { InvalidInput } from '../../domain/errors.js';
import { limits } from '../../limits.js';
import { homePaths } from '../../local/home.js';
import { exitCodes } from '../failure-report.js';
import { exitCodeUnlessLeft, onInterrupt } from '../interrupt.js';
import { hookLog } from '../hook/script.js';
import { wholeNumber } from '../../queries/option-values.js';
import type { Command } from '../stack/stack-access.js';
import { followLogs, lastLines, logParts, type LogFile, type LogPart } from '../stack/log-files.js';
import { printable, type Terminal } from '../terminal/terminal.js';

export async function logsCommand(
  { config, terminal }: Command,
  part: string | undefined,
  { lines, follow }: { readonly lines: string; readonly follow: boolean },
): Promise<number> {
  const files = filesOf(config.home, part);
  const count = wholeNumber('lines', lines, 0, limits.logLinesMax)!;
  const shown = files.map((file) => ({ ...file, found: lastLines(file.path, count) }));
  if (shown.every(({ found }) => found === null) && !follow) {
    terminal.note(`no log of ${part ?? 'any part'} is in ${printable(config.home)}; nothing was started there`);
    return exitCodes.fine;
  }
  for (const { name, path, found } of shown) {
    if (found === null) continue;
    if (shown.length > 1) terminal.say(terminal.style.bold(`==> ${name}: ${printable(path)}`));
    for (const line of found.lines) tell(terminal, name, line, false);
  }
  if (follow)
    await followed(
      shown.map(({ name, path, found }) => ({ name, path, from: found?.size ?? 0 })),
      terminal,
    );
  return exitCodeUnlessLeft(exitCodes.fine);
}

/** Until Ctrl-C, which is how it is meant to end. */
async function followed(files: readonly (LogFile & { readonly from: number })[], terminal: Terminal): Promise<void> {
  await followLogs(files, (name, line) => tell(terminal, name, line, files.length > 1), onInterrupt());
}

function tell(terminal: Terminal, part: string, line: string, named: boolean): void {
  terminal.item({ part, line });
  terminal.say(`${named ? `${part}  ` : ''}${printable(line)}`);
}

function filesOf(home: string, part: string | undefined): LogFile[] {
  const { supervisorLog, postgresLog, temporalLog, workerLog, doorLog } = homePaths(home);
  const paths: Record<LogPart, string> = {
    supervisor: supervisorLog,
    postgres: postgresLog,
    temporal: temporalLog,
    worker: workerLog,
    door: doorLog,
    hook: hookLog(home),
  };
  const wanted = logParts.filter((name) => part === undefined || name === part);
  if (wanted.length === 0)
    throw new InvalidInput(
      'part',
      `found ${JSON.stringify(part?.slice(0, 40))}, expected one of ${logParts.join(', ')}`,
    );
  return wanted.map((name) => ({ name, path: paths[name] }));
}
