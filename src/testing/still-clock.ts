// A clock that stands: a source may note when it looked, and then two first looks differ in nothing else.

/** While `work` runs, it is always the same moment. */
export async function atOneMoment<T>(moment: number, work: () => Promise<T>): Promise<T> {
  const RealDate = globalThis.Date;
  class StillDate extends RealDate {
    constructor(...given: readonly unknown[]) {
      super(...((given.length === 0 ? [moment] : given) as [number]));
    }

    static override now(): number {
      return moment;
    }
  }
  globalThis.Date = StillDate as DateConstructor;
  try {
    return await work();
  } finally {
    globalThis.Date = RealDate;
  }
}
