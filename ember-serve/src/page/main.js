// Brings the page up to date: soon after something was told, and each second, since times go on by themselves.

const cards = new List(the("graphs-list"), (id) => new Card(id));
let isOpened = false;

/** What the reader looks for. */
function sought() {
  return { words: the("search").value.trim().toLowerCase(), only: the("only").checked };
}

function showGraphs() {
  const { words, only } = sought();
  const ids = [];
  for (const [id, graph] of model.graphs) {
    if (!graph.figures) continue;
    const fails = [graph, ...graph.nodes].some((one) => stateOf(one) === "failing");
    if (graph.words.includes(words) && (fails || !only)) ids.push(id);
  }
  cards.show(ids, (card) => card.show());
  const known = [...model.graphs.values()].filter((graph) => graph.figures).length;
  the("none").hidden = known > 0;
  const isCut = words !== "" || only;
  write(the("found"), isCut ? `${ids.length} of ${known} graphs` : "");
  if (isOpened || !ids.length) return;
  // At first a few are open: those that fail, or the first.
  isOpened = true;
  const fail = (id) => (stateOf(model.graphs.get(id)) === "failing" ? 0 : 1);
  ids.sort((one, other) => fail(one) - fail(other));
  for (const id of ids.slice(0, 2)) cards.children.get(id).open(true);
}

let isDue = false;

function showSoon() {
  if (isDue) return;
  isDue = true;
  // Not `requestAnimationFrame`, which stands still in a tab that nobody looks at, and with it the title.
  setTimeout(() => {
    isDue = false;
    show();
  }, 50);
}

const TITLE = document.title;

function show() {
  showHealth();
  showTotals();
  showFailing();
  showBatches();
  showGraphs();
  showStates();
  showFoot();
  const fails = [...model.graphs.values()].some((graph) => stateOf(graph) === "failing");
  const sign = model.health && !model.health.ready ? "✕ " : fails ? "! " : "";
  if (document.title !== sign + TITLE) document.title = sign + TITLE;
}

for (const id of ["search", "only"]) the(id).addEventListener("input", show);
setInterval(() => model.program && show(), 1000);
