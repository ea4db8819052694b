// A place where something waits until the test lets it go on.

export interface Gate {
  /** Resolves when somebody waits there. */
  readonly reached: Promise<void>;
  pass(): Promise<void>;
  /** For ever: whoever comes later does not wait. */
  open(): void;
}

export function createGate(): Gate {
  const [reached, reach] = signal();
  const [opened, open] = signal();
  return {
    reached,
    open,
    pass() {
      reach();
      return opened;
    },
  };
}

function signal(): [Promise<void>, () => void] {
  let give = (): void => undefined;
  const given = new Promise<void>((resolve) => {
    give = resolve;
  });
  return [given, give];
}
