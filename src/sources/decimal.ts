// Numbers as JSON writes them, compared exactly.

/** Whether a double is this number, as a reader of JSON takes it: 0.1 and 1e3 are, 12345678901234567890 and 1e400 are not. */
export function isExact(text: string): boolean {
  const value = Number(text);
  return Number.isFinite(value) && plain(String(value)) === plain(text);
}

/** Digits without zeros at their ends, and where the point is: 12.50 and 125e-1 are both `125e-1`. Nothing is 0, of either sign. */
function plain(text: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const digits = trimEnd(whole + fraction);
  const places = BigInt(exponent) - BigInt(fraction.length) + BigInt(whole.length + fraction.length - digits.length);
  const significant = digits.replace(/^0+/, '');
  return significant === '' ? '0' : `${sign}${significant}e${places}`;
}

function trimEnd(digits: string): string {
  let end = digits.length;
  while (end > 0 && digits.charCodeAt(end - 1) === 48) end -= 1;
  return digits.slice(0, end);
}
