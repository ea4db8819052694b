// Waiting has a task queue of its own, and with it slots of its own: a thousand followers that wait keep out no work.
// Workflows import it.

export function newsQueueOf(taskQueue: string): string {
  return `${taskQueue}/news`;
}
