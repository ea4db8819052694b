// Characters we draw with beyond ASCII, and what stands for each where the locale says that the terminal has no UTF-8. What
// people wrote (a name, a message) stays as it is.
import type { Environment } from '../../local/environment.js';

/** One cell for one cell, so that lines stay as long as they are. */
const inAscii: Readonly<Record<string, string>> = {
  '…': '~', '·': '-', '→': '>', '█': '#', '░': '.', '▁': '_', '▂': '.', '▃': ':', '▄': '-', '▅': '=', '▆': '+', '▇': '*',
}; // prettier-ignore
const ours = new RegExp(`[${Object.keys(inAscii).join('')}]`, 'g');

export function drawnIn(text: string, utf8: boolean): string {
  return utf8 ? text : text.replaceAll(ours, (glyph) => inAscii[glyph]!);
}

/** As the C library reads it. Where nothing is said it is UTF-8, as in most containers, and as Node writes. */
export function saysUtf8(environment: Environment): boolean {
  const said = ['LC_ALL', 'LC_CTYPE', 'LANG']
    .map((name) => environment[name])
    .find((value) => value !== undefined && value !== '');
  return said === undefined || /utf-?8/i.test(said);
}
