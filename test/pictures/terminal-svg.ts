// What stands on a terminal as a picture: text stays text, so that it is sharp at any size and small in git. Our own commands
// use six colours and bold; more is not read.

const [columnPx, rowPx, paddingPx] = [8.4, 19, 16];
const colours: Readonly<Record<number, string>> = { 31: '#ff7b72', 32: '#7ee787', 33: '#e3b341', 36: '#79c0ff' };
const [paper, ink, faint] = ['#0d1117', '#e6edf3', '#8b949e'];

interface Style {
  readonly colour: string;
  readonly bold: boolean;
}

const usual: Style = { colour: ink, bold: false };

/** `lines`: with their escapes. */
export function terminalSvg(lines: readonly string[], columns: number): string {
  const [width, height] = [columns * columnPx + 2 * paddingPx, lines.length * rowPx + 2 * paddingPx];
  const rows = lines.map(
    (line, at) => `<text x="${paddingPx}" y="${paddingPx + (at + 0.75) * rowPx}">${spansOf(line)}</text>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${Math.ceil(width)}" height="${Math.ceil(height)}" font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14" xml:space="preserve">`,
    `<rect width="100%" height="100%" rx="8" fill="${paper}"/>`,
    ...rows,
    '</svg>',
    '',
  ].join('\n');
}

/** Each run of one style is put where it stands, so that a font of another width does not move what follows. */
function spansOf(line: string): string {
  let style = usual;
  let column = 0;
  return (
    line
      // oxlint-disable-next-line no-control-regex -- an escape is what is looked for
      .split(/(\u001b\[[\d;]*m)/)
      .map((part) => {
        // oxlint-disable-next-line no-control-regex -- as above
        const code = /^\u001b\[([\d;]*)m$/.exec(part)?.[1];
        if (code !== undefined) {
          style = styled(style, Number(code));
          return '';
        }
        if (part === '') return '';
        const x = paddingPx + column * columnPx;
        column += Array.from(part).length;
        return `<tspan x="${x.toFixed(1)}" fill="${style.colour}"${style.bold ? ' font-weight="bold"' : ''}>${escaped(part)}</tspan>`;
      })
      .join('')
  );
}

function styled(style: Style, code: number): Style {
  if (code === 1) return { ...style, bold: true };
  if (code === 2) return { ...style, colour: faint };
  if (code === 22) return { colour: style.colour === faint ? ink : style.colour, bold: false };
  return code in colours ? { ...style, colour: colours[code]! } : { ...style, colour: ink };
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
