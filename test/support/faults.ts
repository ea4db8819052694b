// Faults put around the activities and into the persist transaction, from outside: production carries no failpoints.
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Activities } from '../../src/activities/index.js';
import type { PersistPoint } from '../../src/store/writing.js';
import type { TestWorkerOptions } from './temporal.js';

export type ActivityName = keyof Activities;
export type FaultPoint = `${ActivityName}.before` | `${ActivityName}.after` | `persist.${PersistPoint}`;

/** After means: done, but reported as failed. */
export const faultPoints: readonly FaultPoint[] = [
  ...(
    [
      'openRun',
      'prepareSource',
      'fetchPage',
      'validate',
      'hash',
      'deduplicate',
      'enrich',
      'persist',
      'closeRun',
    ] as const
  ).flatMap((name): FaultPoint[] => [`${name}.before`, `${name}.after`]),
  'persist.begun',
  'persist.claimed',
  'persist.inserted',
  'persist.recorded',
];

/** Called at each point with the source that passes it and how often it has; throwing there is the fault. */
export type Fault = (point: FaultPoint, source: string, times: number) => void | Promise<void>;

/** Parts for a worker whose activities meet the fault. */
export function faulty(fault: Fault): Pick<Required<TestWorkerOptions>, 'activities' | 'atPersist'> {
  const sources = new AsyncLocalStorage<string>();
  const passed = new Map<string, number>();
  const pass = async (point: FaultPoint): Promise<void> => {
    const source = sources.getStore() ?? '';
    const times = (passed.get(`${point} ${source}`) ?? 0) + 1;
    passed.set(`${point} ${source}`, times);
    await fault(point, source, times);
  };
  const wrapped = (name: ActivityName, real: (input: never) => Promise<unknown>) => (input: unknown) =>
    sources.run(sourceOf(input), async () => {
      await pass(`${name}.before`);
      const result = await real(input as never);
      await pass(`${name}.after`);
      return result;
    });
  return {
    activities: (real) =>
      Object.fromEntries(
        Object.entries(real).map(([name, activity]) => [name, wrapped(name as ActivityName, activity)]),
      ) as unknown as Activities,
    atPersist: (point) => pass(`persist.${point}`),
  };
}

interface AnyInput {
  readonly source?: string;
  readonly page?: { readonly source: string };
  readonly input?: { readonly sourceId?: string; readonly source?: { readonly id: string } };
}

function sourceOf(input: unknown): string {
  const { source, page, input: argument } = input as AnyInput;
  return source ?? page?.source ?? argument?.sourceId ?? argument?.source?.id ?? '';
}

/** Per page, the second page is hit: something is committed before it and something comes after. */
export function timesAt(point: FaultPoint): number {
  return /^(openRun|prepareSource|closeRun)/.test(point) ? 1 : 2;
}
