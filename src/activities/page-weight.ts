// What a page weighs in the worker's heap between two stages, by its raw bytes and its events.

/**
 * Measured after the heaviest stage (hash: parsed data and canonical text are both there), by events of 330, 600, 2,200 and
 * 20,000 bytes: 26, 28, 10 and 8 MiB for pages of 5.4 to 8 MiB. Twice the raw bytes and a kibibyte an event is above each.
 */
const heapOfRawByte = 2;
const heapOfEventBytes = 1_024;

export function pageWeight({ bytes, events }: { readonly bytes: number; readonly events: number }): number {
  return heapOfRawByte * bytes + heapOfEventBytes * events;
}
