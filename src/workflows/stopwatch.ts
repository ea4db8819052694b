// Time spent working: a pause, the wait for a limit and that of a followed source would make any rate look like standing still.

export class Stopwatch {
  private elapsedBefore = 0;
  private startedAt: number | undefined = Date.now();

  get elapsedMs(): number {
    return this.elapsedBefore + (this.startedAt === undefined ? 0 : Date.now() - this.startedAt);
  }

  run(): void {
    this.startedAt ??= Date.now();
  }

  stop(): void {
    this.elapsedBefore = this.elapsedMs;
    this.startedAt = undefined;
  }
}
