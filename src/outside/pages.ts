// The pages of a list, by what each says of the next one. How many are read is the caller's to say.
import { NeedsAttention } from '../domain/errors.js';
import type { Content } from './answer.js';
import type { HttpCall, HttpClient } from './http-client.js';
import { nextLink } from './link-header.js';

export interface ListPage {
  readonly answer: Content;
  /** Of the client's origin; undefined: this is the last. */
  readonly next: URL | undefined;
}

/** Ends by itself, or throws when pages lead back to one that was read. */
export async function* pagesOf(client: HttpClient, call: HttpCall): AsyncGenerator<ListPage> {
  const isLoop = createLoopCheck();
  for (let url: URL | undefined = client.target(call.url); url !== undefined;) {
    if (isLoop(url.href))
      throw new NeedsAttention(
        'page_loop',
        `${client.describe({ ...call, url })} was read before: the pages lead in a circle`,
      );
    const answer: Content = await client.ask({ ...call, url });
    const next = nextPage(client, answer);
    yield { answer, next };
    url = next;
  }
}

/** What an answer says of the next page: never of another origin. */
export function nextPage(client: HttpClient, answer: Pick<Content, 'headers' | 'url'>): URL | undefined {
  const target = nextLink(answer.headers);
  if (target === undefined) return undefined;
  return client.target(URL.canParse(target, answer.url.href) ? new URL(target, answer.url) : target);
}

/**
 * Brent's: one URL is remembered, and another after twice as many. A set of all would be 100 MB for a million pages.
 */
function createLoopCheck(): (url: string) => boolean {
  let remembered: string | undefined;
  let steps = 0;
  let until = 1;
  return (url) => {
    if (url === remembered) return true;
    steps += 1;
    if (steps === until) [remembered, steps, until] = [url, 0, until * 2];
    return false;
  };
}
