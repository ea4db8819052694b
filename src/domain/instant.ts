// Moments in event times. One instant has one text: 12:00Z and 13:00+01:00 hash alike, microseconds survive.

const rfc3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)$/;

/** RFC 3339 text in UTC with fractions kept up to microseconds, or null when it names no moment of years 0–9999. */
export function instantOf(text: string): string | null {
  const parts = rfc3339.exec(text);
  if (parts === null) return null;
  const whole = Date.parse(`${text.slice(0, 10)}T${text.slice(11, 19)}${parts[8]!.toUpperCase()}`);
  // Date.parse takes 30 February for 1 March; the engine refuses what no calendar has.
  if (Number.isNaN(whole) || !dayExists(parts)) return null;
  const utc = new Date(whole).toISOString();
  if (utc.length !== 24) return null;
  const fraction = (parts[7] ?? '').slice(0, 7).replace(/\.?0+$/, '');
  return `${utc.slice(0, 19)}${fraction}Z`;
}

function dayExists([, year, month, day]: RegExpExecArray): boolean {
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  return date.getUTCDate() === Number(day) && date.getUTCMonth() === Number(month) - 1;
}
