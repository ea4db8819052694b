// Moments in event times. One instant has one text: 12:00Z and 13:00+01:00 hash alike, microseconds survive.

const rfc3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)$/;

/** RFC 3339 text in UTC with fractions kept up to microseconds, or null when it names no moment of years 1–9999. */
export function instantOf(text: string): string | null {
  if (!rfc3339.test(text) || !exists(text)) return null;
  const zoneAt = zoneStart(text);
  const zone = text.slice(zoneAt);
  const fraction = trimmed(text.slice(19, Math.min(zoneAt, 26)));
  if (zone === 'Z' && text[10] === 'T') return `${text.slice(0, 19)}${fraction}Z`;
  const whole = new Date(`${text.slice(0, 10)}T${text.slice(11, 19)}${zone.toUpperCase()}`).toJSON();
  // Null: a zone no clock has. Longer than usual, or year 0: the conversion left years 1–9999.
  return whole === null || whole.length !== 24 || whole.startsWith('0000') ? null : `${whole.slice(0, 19)}${fraction}Z`;
}

/** After the seconds come digits and a dot until the zone begins. */
function zoneStart(text: string): number {
  let at = 19;
  while (text.charCodeAt(at) < 58 && text.charCodeAt(at) !== 43 && text.charCodeAt(at) !== 45) at += 1;
  return at;
}

function trimmed(fraction: string): string {
  let end = fraction.length;
  while (end > 1 && fraction[end - 1] === '0') end -= 1;
  return end <= 1 ? '' : fraction.slice(0, end);
}

/** Date.parse takes 30 February for 1 March; the engine refuses what no calendar has. */
function exists(text: string): boolean {
  const [year, month, day] = [digits(text, 0) * 100 + digits(text, 2), digits(text, 5), digits(text, 8)];
  // Year 0 is in RFC 3339 but not in Postgres.
  if (year === 0 || month < 1 || month > 12 || day < 1 || day > daysOf(year, month)) return false;
  return digits(text, 11) < 24 && digits(text, 14) < 60 && digits(text, 17) < 60;
}

/** The number that two digits make; the text is known to have them. Every event passes here, so nothing is allocated. */
function digits(text: string, at: number): number {
  return (text.charCodeAt(at) - 48) * 10 + text.charCodeAt(at + 1) - 48;
}

function daysOf(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}
