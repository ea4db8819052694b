// A bound on how much goes on at once, over all pages of a worker; whoever waits is served in the order of asking.

export interface Slots {
  run<T>(work: () => Promise<T>): Promise<T>;
}

export function createSlots(max: number): Slots {
  const waiting: (() => void)[] = [];
  let free = max;
  const take = async (): Promise<void> => {
    if (free > 0) free -= 1;
    else await new Promise<void>((served) => waiting.push(served));
  };
  const give = (): void => {
    const next = waiting.shift();
    if (next === undefined) free += 1;
    else next();
  };
  return {
    async run(work) {
      await take();
      try {
        return await work();
      } finally {
        give();
      }
    },
  };
}
