// Those who wait for something that happens to all of them at once.
export interface Waiting {
  /** Resolves at the next `wake`, or after so long. */
  wait(ms: number): Promise<void>;
  wake(): void;
}

export function createWaiting(): Waiting {
  const all = new Set<() => void>();
  return {
    wait: (ms) =>
      new Promise((resolve) => {
        const over = (): void => {
          clearTimeout(timer);
          all.delete(over);
          resolve();
        };
        const timer = setTimeout(over, ms);
        all.add(over);
      }),
    wake: () => [...all].forEach((over) => over()),
  };
}
