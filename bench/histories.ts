// histories: a repository read whole into a store, and that compared with git field by field. Any difference is a fault.
import { checkHistory, type HistoryVerdict } from '../test/support/history-checker.js';
import { git } from '../src/sources/git/index.js';
import { startRig } from './rig.js';

export interface HistoryFigures extends Omit<HistoryVerdict, 'first'> {
  readonly outcome: string;
  readonly seconds: number;
}

/** `options`: of the source, beside url. */
export async function historiesBench(repository: string, given: object): Promise<HistoryFigures> {
  const options = git.options.parse({ ...given, url: repository });
  const rig = await startRig();
  try {
    const { result, ms } = await rig.sync({ source: { type: 'git', id: 'bench/history', options } });
    const { first, ...figures } = await checkHistory(rig.pool, 'bench/history', repository, options);
    for (const line of first) process.stderr.write(`${line}\n`);
    return { outcome: result.outcome, ...figures, seconds: Math.round(ms / 100) / 10 };
  } finally {
    await rig.close();
  }
}
