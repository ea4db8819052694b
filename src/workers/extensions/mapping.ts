// Mappers at work in another process. When it ends or stands still, the records it was asked about are mapped again, each
// told before it is begun, so that the one that did it is known: it alone is refused.
import { Transient } from '../../domain/errors.js';
import { pageName, type PageKey } from '../../domain/page.js';
import type { RawRecord } from '../../domain/source.js';
import type { Mapped, MapRecords, Refusal, Whole } from '../../stages/mapping/map-record.js';
import { HostGone, type HostProcess } from './host-process.js';
import { mappedOf } from './mapped-text.js';
import type { MappedTexts } from './messages.js';
import type { Pair } from './pair.js';
import { firstRecords, recordsText } from './records-text.js';

/**
 * Records of one page that end the process of their mapper, or block it; the rest of the page is refused unasked. Each may take
 * the 5 s of one that stands still, the first twice that, and the activity has a minute.
 */
const mapperFaultsMax = 3;

export function mapping(
  pair: Pair,
  page: PageKey,
  type: string,
  options: unknown,
  cancelled?: AbortSignal,
): MapRecords {
  const guilty = new Map<RawRecord, Refusal>();
  const ask = async (process: HostProcess, wholes: readonly Whole[], careful: boolean): Promise<readonly Mapped[]> => {
    const records = recordsText(wholes);
    const work = { kind: 'map', page: pageName(page), type, options, records, careful } as const;
    return ((await process.ask(work, cancelled)) as MappedTexts).mapped.map(mappedOf);
  };
  const carefully = async (second: HostProcess, wholes: readonly Whole[]): Promise<readonly Mapped[]> => {
    try {
      return await ask(second, wholes, true);
    } catch (error) {
      if (!(error instanceof HostGone)) throw error;
      const { begun, message } = error;
      // Not the doing of a record; or of another one each time, and then no answer could be believed.
      if (begun === undefined || guilty.size >= mapperFaultsMax)
        throw new Transient('extension_ended', `the process of mapper ${type} ${message}`);
      const refusal = { code: 'mapper_failed', error: `mapper ${type} ${message} at this record` };
      guilty.set(wholes[Number(begun)]!.record, refusal);
      return none;
    }
  };
  /** Of the first records, as many as one answer holds. */
  const some = async (wholes: readonly Whole[]): Promise<readonly Mapped[]> => {
    const until = wholes.findIndex(({ record }) => guilty.has(record));
    if (until === 0) return [guilty.get(wholes[0]!.record)!];
    if (until < 0 && guilty.size >= mapperFaultsMax) return wholes.map(() => notMapped(type));
    const asked = firstRecords(until < 0 ? wholes : wholes.slice(0, until));
    try {
      if (guilty.size === 0) return await ask(pair.first, asked, false);
    } catch (error) {
      if (!(error instanceof HostGone)) throw error;
    }
    return pair.alone((second) => carefully(second, asked));
  };
  return async (wholes) => {
    const mapped: Mapped[] = [];
    while (mapped.length < wholes.length) mapped.push(...(await some(wholes.slice(mapped.length))));
    return mapped;
  };
}

const none: readonly Mapped[] = [];

function notMapped(type: string): Refusal {
  const error = `not mapped: ${type} ended or blocked its process ${mapperFaultsMax} times on this page`;
  return { code: 'not_mapped', error };
}
