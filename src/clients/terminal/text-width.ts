// How many cells a terminal gives a text: letters of East Asia and pictures take two, marks on a letter none.

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });
// oxlint-disable-next-line no-control-regex -- plain ASCII is what most text is, and each of it takes one cell
const plain = /^[\u0000-\u007f]*$/;
/** Ranges that Unicode calls wide or full-width, as Node's own readline has them, and what is shown as a picture by itself. */
const wide =
  /^(?:[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6]|[\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|.\ufe0f)/u;

export function widthOf(text: string): number {
  if (plain.test(text)) return text.length;
  let width = 0;
  for (const { segment } of segmenter.segment(text)) width += cellsOf(segment);
  return width;
}

/** As much of it as fits, with an ellipsis where something was cut. */
export function cutTo(text: string, cells: number): string {
  if (widthOf(text) <= cells) return text;
  let [kept, width] = ['', 0];
  for (const { segment } of segmenter.segment(text)) {
    width += cellsOf(segment);
    if (width > cells - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}

/** As much of its end as fits: of a path it tells more than the beginning. */
export function cutStart(text: string, cells: number): string {
  if (widthOf(text) <= cells) return text;
  let [kept, width] = ['', 0];
  for (const { segment } of Array.from(segmenter.segment(text)).reverse()) {
    width += cellsOf(segment);
    if (width > cells - 1) break;
    kept = segment + kept;
  }
  return `…${kept}`;
}

/** Lines that end between words; a word that is longer than a line is broken. */
export function wordLines(text: string, cells: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').flatMap((one) => pieces(one, cells))) {
    if (line !== '' && widthOf(line) + 1 + widthOf(word) > cells) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** A sentence on a terminal; one line where nothing says how wide that is. */
export function sentenceLines(text: string, columns: number | null): string[] {
  return columns === null ? [text] : wordLines(text, columns);
}

function pieces(word: string, cells: number): string[] {
  if (widthOf(word) <= cells) return [word];
  const found = [''];
  for (const { segment } of segmenter.segment(word)) {
    if (widthOf(found.at(-1)! + segment) > cells) found.push('');
    found[found.length - 1] += segment;
  }
  return found;
}

export function padEnd(text: string, cells: number): string {
  return text + ' '.repeat(Math.max(0, cells - widthOf(text)));
}

function cellsOf(grapheme: string): number {
  if (wide.test(grapheme)) return 2;
  return /^[\p{Mark}\u200b-\u200d]/u.test(grapheme) ? 0 : 1;
}
