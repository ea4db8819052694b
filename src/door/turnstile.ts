// One after the other by name: writers of one source would wait for its lock in Postgres, each with a session and against the
// statement timeout. Here they wait for nothing but their turn.
export type Turnstile = <T>(name: string, work: () => Promise<T>) => Promise<T>;

export function createTurnstile(): Turnstile {
  const last = new Map<string, Promise<unknown>>();
  return async (name, work) => {
    const before = last.get(name) ?? Promise.resolve();
    const mine = before.then(work);
    const over = mine.catch(() => undefined);
    last.set(name, over);
    try {
      return await mine;
    } finally {
      if (last.get(name) === over) last.delete(name);
    }
  };
}
