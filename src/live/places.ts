// So many at a time; the others wait in line.
export interface Places {
  within<T>(work: () => Promise<T>): Promise<T>;
}

export function createPlaces(count: number): Places {
  const line: (() => void)[] = [];
  let free = count;
  return {
    async within(work) {
      if (free === 0) await new Promise<void>((resolve) => line.push(resolve));
      else free -= 1;
      try {
        return await work();
      } finally {
        const next = line.shift();
        if (next === undefined) free += 1;
        else next();
      }
    },
  };
}
