// The part of deduplication that is in memory (requirement P2): keys of recently committed events, least recently used
// out first.
import { LRUCache } from 'lru-cache';

export interface RecentKeys {
  has(key: string): boolean;
  /** Only after a commit returned: a key remembered too early would hide an event that was never stored. */
  remember(keys: Iterable<string>): void;
  clear(): void;
  readonly size: number;
}

/** `max` 0 remembers nothing. */
export function createRecentKeys(max: number): RecentKeys {
  if (max === 0) return { has: () => false, remember: () => {}, clear: () => {}, size: 0 };
  const cache = new LRUCache<string, true>({ max });
  return {
    // A hit counts as use, so a key that keeps coming stays.
    has: (key) => cache.get(key) === true,
    remember(keys) {
      const all = [...keys];
      for (const key of all.slice(-max)) cache.set(key, true);
    },
    clear: () => cache.clear(),
    get size() {
      return cache.size;
    },
  };
}
