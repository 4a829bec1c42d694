// Numbers and times as people read them.

const plain = new Intl.NumberFormat("en");
const short = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

/** A count: whole up to 99,999, then 1.2M. */
function count(number) {
  return number < 100000 ? plain.format(number) : short.format(number);
}

/** Something per second, with as many digits as say something. */
function rate(number) {
  if (number === 0) return "0";
  if (number < 0.1) return "<0.1";
  return number < 10 ? number.toFixed(1) : count(Math.round(number));
}

/** A time that was given in microseconds; a dash where there is none. */
function took(micros) {
  if (micros === null || micros === undefined) return "–";
  if (micros < 0.9995) return `${Math.round(micros * 1000)} ns`;
  if (micros < 999.5) return `${digits(micros)} µs`;
  if (micros < 999500) return `${digits(micros / 1000)} ms`;
  if (micros < 6e7) return `${digits(micros / 1e6)} s`;
  return lasting(micros / 1000);
}

/** Three digits that count; more only where there are more in front of the point. */
function digits(number) {
  return number < 9.995 ? number.toFixed(2) : number < 99.95 ? number.toFixed(1) : String(Math.round(number));
}

/** A length of time in milliseconds, by its two largest units. */
function lasting(millis) {
  const seconds = Math.max(0, Math.round(millis / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} days`;
}

function percent(part, whole) {
  return whole > 0 ? `${Math.floor((100 * part) / whole)} %` : "–";
}

/** So many of so many as a share, which is 0 % or 100 % only if it is exactly that. */
function share(part, whole) {
  if (whole <= 0) return "–";
  const percents = (100 * part) / whole;
  if (part > 0 && percents < 1) return "<1 %";
  if (part < whole && percents > 99) return ">99 %";
  return `${Math.round(percents)} %`;
}

function bytes(number) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  while (number >= 1024 && unit < units.length - 1) {
    number /= 1024;
    unit += 1;
  }
  return `${unit ? digits(number) : number} ${units[unit]}`;
}

function clock(millis) {
  return new Date(millis).toLocaleTimeString([], { hour12: false });
}

/** The states of nodes, graphs and policies: a sign and a word each, so that colour is never all that tells. */
const STATES = {
  idle: { sign: "○", word: "idle" },
  running: { sign: "▶", word: "running" },
  ok: { sign: "✓", word: "ok" },
  failing: { sign: "✕", word: "failing" },
  waiting: { sign: "◔", word: "waiting" },
};
