// Moments in event times. One instant has one text: 12:00Z and 13:00+01:00 hash alike, microseconds survive.

const rfc3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)$/;

/** RFC 3339 text in UTC with fractions kept up to microseconds, or null when it names no moment of years 0–9999. */
export function instantOf(text: string): string | null {
  const parts = rfc3339.exec(text);
  if (parts === null || !exists(parts)) return null;
  const zone = parts[8]!;
  const fraction = parts[7] === undefined ? '' : parts[7].slice(0, 7).replace(/\.?0+$/, '');
  if (zone === 'Z' && text[10] === 'T') return fraction === parts[7] || parts[7] === undefined ? text : `${text.slice(0, 19)}${fraction}Z`;
  const whole = new Date(`${text.slice(0, 10)}T${text.slice(11, 19)}${zone.toUpperCase()}`).toJSON();
  // Null: a zone no clock has. Longer than usual: the conversion left years 0–9999.
  return whole === null || whole.length !== 24 ? null : `${whole.slice(0, 19)}${fraction}Z`;
}

/** Date.parse takes 30 February for 1 March; the engine refuses what no calendar has. */
function exists(parts: RegExpExecArray): boolean {
  const [year, month, day] = [Number(parts[1]), Number(parts[2]), Number(parts[3])];
  if (month < 1 || month > 12 || day < 1 || day > daysOf(year, month)) return false;
  return Number(parts[4]) < 24 && Number(parts[5]) < 60 && Number(parts[6]) < 60;
}

function daysOf(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}
