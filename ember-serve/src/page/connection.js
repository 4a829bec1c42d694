// Listens to the server, says so when it is gone, and comes back by itself.

/** The path under which the server's answers are, with a slash at its end. */
const BASE = location.pathname.endsWith("/") ? location.pathname : `${location.pathname}/`;
/** The server says something at least every two seconds. */
const SILENCE = 7000;
const LONGEST_PAUSE = 15000;

const link = { source: null, since: 0, lostAt: null, tries: 0, nextAt: 0, timer: 0, heard: 0, why: "" };

async function connect() {
  clearTimeout(link.timer);
  link.source?.close();
  link.nextAt = 0;
  showLink();
  try {
    await learn();
  } catch {
    return lose("");
  }
  const source = new EventSource(`${BASE}events`);
  link.source = source;
  link.heard = Date.now();
  source.addEventListener("change", (event) => hear(source, JSON.parse(event.data)));
  source.addEventListener("beat", () => hear(source, null));
  source.onerror = () => {
    if (source !== link.source) return;
    // What the server refuses it refuses at once, while it answers other questions.
    lose(source.readyState === EventSource.CLOSED && link.since === 0 ? "the server has no place for another page" : "");
  };
}

/** Asks what graphs there are. */
async function learn() {
  const answer = await fetch(`${BASE}graphs`, { cache: "no-store", signal: AbortSignal.timeout(10000) });
  if (!answer.ok) throw new Error(String(answer.status));
  describe(await answer.json());
}

let learning = null;

function hear(source, told) {
  if (source !== link.source) return;
  link.heard = Date.now();
  if (link.since === 0) {
    if (link.lostAt !== null) the("link-said").textContent = "Connected again.";
    Object.assign(link, { since: Date.now(), lostAt: null, tries: 0, why: "" });
    showLink();
  }
  if (!told) return;
  if (change(told) && !learning) {
    // A graph ran for the first time: what it is has to be asked, and then all figures are told anew.
    learning = learn().then(() => setTimeout(connect, 0), () => {}).finally(() => (learning = null));
  }
  showSoon();
}

function lose(why) {
  link.source?.close();
  link.source = null;
  link.since = 0;
  link.why = why;
  if (link.lostAt === null) {
    link.lostAt = Date.now();
    the("link-said").textContent = "The connection is lost. What the page shows is old.";
  }
  // Twice as long each time, and not all pages at once.
  const pause = Math.min(LONGEST_PAUSE, 500 * 2 ** link.tries) * (0.75 + Math.random() / 2);
  link.tries += 1;
  link.nextAt = Date.now() + pause;
  clearTimeout(link.timer);
  link.timer = setTimeout(connect, pause);
  showLink();
}

function showLink() {
  const isLost = link.lostAt !== null;
  mark(the("link"), "data-state", isLost ? "lost" : link.since ? "live" : "waiting");
  document.body.classList.toggle("lost", isLost);
  the("link-now").hidden = !isLost;
  if (!isLost) return write(the("link-text"), link.since ? "Live" : "Connecting…");
  const ago = lasting(Date.now() - link.lostAt);
  const next = link.nextAt ? `trying again in ${lasting(link.nextAt - Date.now())}` : "trying now";
  const what = link.why ? `Not connected, as ${link.why},` : "Connection lost";
  write(the("link-text"), `${what} since ${clock(link.lostAt)} (${ago} ago), ${next}`);
}

the("link-now").addEventListener("click", () => {
  link.tries = 0;
  connect();
});

setInterval(() => {
  if (link.source && Date.now() - link.heard > SILENCE) lose("");
  if (link.lostAt !== null) showLink();
}, 500);

addEventListener("online", () => link.lostAt !== null && connect());
connect();
