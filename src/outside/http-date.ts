// The three forms of a date in HTTP (RFC 9110, 5.6.7), and RFC 3339, which some vendors send for it. Date.parse alone
// takes `garbage 5` for a day in May 2001.

const forms = [
  /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/,
  /^[A-Z][a-z]{5,8}, \d\d-[A-Z][a-z]{2}-\d\d \d\d:\d\d:\d\d GMT$/,
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/,
];
/** The form of C has no zone, and means GMT. */
const asctime = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}$/;

/** Milliseconds since 1970. */
export function parseHttpDate(text: string): number | undefined {
  const trimmed = text.trim();
  const complete = asctime.test(trimmed) ? `${trimmed} GMT` : trimmed;
  const known = complete !== trimmed || forms.some((form) => form.test(trimmed));
  const ms = known ? Date.parse(complete) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}
