// Writes an access log as nginx would: so many days of a small shop, always the same lines for the same days.
//   node make-log.js 2026-03-16 3     three days from that one on, to standard output
const [first = '2026-03-16', days = '1'] = process.argv.slice(2);
const dayMs = 86_400_000;

const pages = [
  // path, how often, seconds at the median
  ['/', 30, 0.04],
  ['/products/lamp', 24, 0.06],
  ['/products/chair', 18, 0.06],
  ['/search?q=lamp', 12, 0.22],
  ['/api/cart', 10, 0.09],
  ['/api/checkout', 4, 0.45],
  ['/reset?token=8f3a61', 1, 0.12],
  ['/wp-login.php', 1, 0.01],
];
const agents = [
  'Mozilla/5.0 (X11; Linux x86_64) Firefox/138.0',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_4)',
  'curl/8.5.0',
];
/** From Sunday on. */
const busy = [1.2, 0.8, 0.85, 0.9, 1, 1.1, 1.3];
const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** Numbers of [0, 1) from a seed (mulberry32). */
function randomOf(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function pageOf(random) {
  let left = random() * pages.reduce((sum, [, weight]) => sum + weight, 0);
  return pages.find(([, weight]) => (left -= weight) < 0) ?? pages[0];
}

/** Few at night, many in the evening. */
function requestsIn(hour, weekday) {
  const usual = 4 + 22 * Math.exp(-(((hour - 13) / 4) ** 2)) + 26 * Math.exp(-(((hour - 20) / 2) ** 2));
  return Math.round(usual * busy[weekday]);
}

function statusOf(path, isDown, random) {
  if (path.startsWith('/wp-')) return 404;
  if (isDown && path.startsWith('/api/') && random() < 0.8) return 502;
  return random() < 0.006 ? 500 : random() < 0.06 ? 304 : 200;
}

function lineOf(moment, random) {
  const [path, , median] = pageOf(random);
  // Each day from two to three o'clock what is behind the server is slow, and some of it does not answer.
  const isDown = moment.getUTCHours() === 14;
  const status = statusOf(path, isDown, random);
  const seconds = median * Math.exp(random() + random() + random() - 1.5) * (isDown ? 4 : 1);
  const two = (number) => String(number).padStart(2, '0');
  const [day, month] = [two(moment.getUTCDate()), months[moment.getUTCMonth()]];
  const time = `${day}/${month}/${moment.getUTCFullYear()}:${moment.toISOString().slice(11, 19)} +0000`;
  const remote = `198.51.100.${1 + Math.floor(random() * 250)}`;
  const agent = agents[Math.floor(random() * agents.length)];
  const bytes = status === 304 ? 0 : 400 + Math.floor(random() * 9_000);
  const method = path === '/api/cart' || path === '/api/checkout' ? 'POST' : 'GET';
  return `${remote} - - [${time}] "${method} ${path} HTTP/1.1" ${status} ${bytes} "-" "${agent}" ${seconds.toFixed(3)}`;
}

function dayOf(start) {
  const random = randomOf(start / dayMs);
  const moments = Array.from({ length: 24 }, (_, hour) =>
    Array.from({ length: requestsIn(hour, new Date(start).getUTCDay()) }, () => start + (hour + random()) * 3_600_000),
  );
  const lines = moments
    .flat()
    .sort((one, other) => one - other)
    .map((ms) => lineOf(new Date(ms), random));
  // Somebody spoke TLS to the plain port: nginx logs such bytes as the request.
  lines.splice(7, 0, lines[7].replace(/"[A-Z]+ [^"]*" \d+ \d+/, '"\\x16\\x03\\x01\\x02\\x00" 400 157'));
  return lines;
}

const start = Date.parse(first);
const made = Array.from({ length: Number(days) }, (_, day) => dayOf(start + day * dayMs));
process.stdout.write(`${made.flat().join('\n')}\n`);
