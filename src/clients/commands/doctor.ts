// tributary doctor: looks at everything a sync needs and says what to do. Starts nothing and changes nothing.
import type { Config } from '../../config.js';
import { isEngineError } from '../../domain/errors.js';
import { stackStatus, type StackStatus } from '../../local/stack.js';
import { databaseFindings } from '../doctor/database.js';
import type { Finding } from '../doctor/finding.js';
import { machineFindings } from '../doctor/machine.js';
import { settingsInForce } from '../doctor/settings.js';
import { stackFindings, type RefusedStatus } from '../doctor/stack.js';
import { temporalFindings } from '../doctor/temporal.js';
import { exitCodes } from '../failure-report.js';
import { amount } from '../terminal/figures.js';
import type { Command } from '../stack/stack-access.js';
import { table, type Column } from '../terminal/table.js';
import { printable, type Terminal } from '../terminal/terminal.js';

export async function doctorCommand({ config, terminal }: Command): Promise<number> {
  const status = await knownStatus(config);
  const findings = [...(await machineFindings(config)), ...(await stackFindings(config, status))];
  const { stack = null } = 'refused' in status ? {} : status;
  const databaseUrl = stack?.databaseUrl ?? config.databaseUrl;
  if (databaseUrl !== undefined) findings.push(...(await databaseFindings(databaseUrl)));
  if (stack !== null) findings.push(...(await temporalFindings(config, stack)));
  tellSettings(config, terminal);
  return conclude(findings, terminal);
}

/** A home nobody can read, or half of a connection, is a finding and not the end of the looking. */
async function knownStatus(config: Config): Promise<StackStatus | RefusedStatus> {
  try {
    return await stackStatus(config);
  } catch (error) {
    if (!isEngineError(error) || error.next !== 'refuse') throw error;
    return { refused: error.message };
  }
}

const settingColumns: readonly Column[] = [
  { name: 'setting', rank: 1, least: 16 },
  { name: 'from', rank: 3, least: 11 },
  { name: 'in force', rank: 2, least: 12 },
];

function tellSettings(config: Config, terminal: Terminal): void {
  const settings = settingsInForce(config);
  for (const setting of settings) terminal.item(setting);
  const rows = settings.map(({ setting, value, from }) => [setting, from, value === null ? '-' : String(value)]);
  for (const line of table(settingColumns, rows, terminal.columns)) terminal.say(line);
  terminal.say();
}

function conclude(findings: readonly Finding[], terminal: Terminal): number {
  for (const finding of findings) tell(finding, terminal);
  const count = (state: Finding['state']): number => findings.filter((finding) => finding.state === state).length;
  const [failed, warned] = [count('fail'), count('warn')];
  terminal.item({ ok: failed === 0, checks: findings.length, warnings: warned, failures: failed });
  terminal.say(
    failed === 0
      ? `fine: ${amount(findings.length, 'check')}, ${warned} with a warning`
      : `NOT fine: ${failed} of ${amount(findings.length, 'check')} failed, ${warned} with a warning`,
  );
  return failed === 0 ? exitCodes.fine : exitCodes.failed;
}

function tell(finding: Finding, terminal: Terminal): void {
  const { check, state, found, advice } = finding;
  const { style } = terminal;
  const mark = { ok: style.green('ok  '), warn: style.yellow('warn'), fail: style.red('FAIL') }[state];
  terminal.item(finding);
  terminal.hint(`${mark}  ${check}: ${printable(found)}`);
  if (advice !== null) terminal.hint(`      ${printable(advice)}`);
}
