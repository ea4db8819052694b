// Two processes of one kind of extensions: one for all of its work, and one for suspects, which is rarely needed.
import { createSlots, type Slots } from '../../stages/own/slots.js';
import { createHostProcess, type HostParts, type HostProcess } from './host-process.js';

export interface Pair {
  readonly first: HostProcess;
  /** Where suspects are asked again, one page's at a time. */
  alone<T>(work: (second: HostProcess) => Promise<T>): Promise<T>;
  end(): void;
}

/** The second is kept for whoever comes next: to start it takes half a second, to keep it 50 MB. */
const restMs = 2_000;

export function createPair(parts: HostParts): Pair {
  const [first, second] = [createHostProcess(parts), createHostProcess(parts)];
  const one: Slots = createSlots(1);
  let [suspects, resting] = [0, undefined as NodeJS.Timeout | undefined];
  return {
    first,
    async alone(work) {
      suspects += 1;
      clearTimeout(resting);
      try {
        return await one.run(() => work(second));
      } finally {
        if ((suspects -= 1) === 0) resting = setTimeout(() => second.end(), restMs).unref();
      }
    },
    end() {
      first.end();
      second.end();
    },
  };
}
