// Sources of six pages whose runs wait at a point, so that a test can act in the middle; and what must be stored of them.
import { faulty, type Fault, type FaultPoint } from './faults.js';
import { createGate, type Gate } from './gate.js';
import { expectedOfSynthetic, type ExpectedSource, type SyntheticOptions } from './ledger-checker.js';
import { uniqueSource } from './temporal.js';

export interface HeldSource {
  readonly source: string;
  readonly input: {
    source: { type: 'synthetic'; id: string; options: Partial<SyntheticOptions> };
    batch: { events: number; inFlight: number };
  };
  readonly gate: Gate;
}

export interface HeldSources {
  /** For the worker that is to wait. */
  readonly fault: ReturnType<typeof faulty>;
  /** By default it waits before its third page is committed. */
  hold(name: string, seed: number, point?: FaultPoint, times?: number): HeldSource;
  readonly expected: ExpectedSource[];
}

/** `also` is met at every point, before the waiting. */
export function createHeldSources(also: Fault = () => undefined): HeldSources {
  const gates = new Map<string, { point: FaultPoint; times: number; gate: Gate }>();
  const expected: ExpectedSource[] = [];
  return {
    expected,
    fault: faulty(async (point, source, times) => {
      await also(point, source, times);
      const held = gates.get(source);
      if (held?.point === point && held.times === times) await held.gate.pass();
    }),
    hold(name, seed, point = 'persist.before', times = 3) {
      const source = uniqueSource(name);
      const options = { events: 600, seed, duplicates: 0.1, hostile: true, pageEvents: 100 };
      const gate = createGate();
      gates.set(source, { point, times, gate });
      expected.push(expectedOfSynthetic(source, options));
      return {
        source,
        gate,
        input: { source: { type: 'synthetic', id: source, options }, batch: { events: 100, inFlight: 2 } },
      };
    },
  };
}
