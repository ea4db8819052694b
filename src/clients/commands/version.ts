// tributary --version: of all that a report about a fault needs to name.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig } from '../../config.js';
import { limits } from '../../limits.js';
import { runCommand } from '../../local/command.js';
import { presentTemporalCli } from '../../local/temporal-cli.js';
import { packageRoot } from '../../package-root.js';
import { exitCodes } from '../failure-report.js';
import { openTerminal } from '../terminal/terminal.js';

export async function versionCommand(json: boolean): Promise<number> {
  const terminal = openTerminal(json);
  const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string };
  const temporal = await temporalVersion();
  terminal.item({ tributary: version, node: process.versions.node, temporalCli: temporal });
  terminal.say(`tributary ${version}`);
  terminal.say(`Node ${process.versions.node}`);
  terminal.say(`Temporal CLI ${temporal ?? 'is not here yet; the first start fetches it'}`);
  return exitCodes.fine;
}

/** `1.5.1 (Server 1.29.1, UI 2.42.1)`; null where none is found. Whatever is wrong with the environment is for others to tell. */
async function temporalVersion(): Promise<string | null> {
  try {
    const path = await presentTemporalCli(loadConfig());
    if (path === null) return null;
    const { output } = await runCommand(path, ['--version'], { timeoutMs: limits.quickAnswerMs });
    return /^temporal version (\S.*)$/m.exec(output)?.[1] ?? null;
  } catch {
    return null;
  }
}
