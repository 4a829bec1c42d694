// What the server told, and what follows from it.

/** The seconds that "lately" means. */
const SECONDS = 10;

/** Totals of the last seconds, so that one knows what came lately. */
class Lately {
  constructor() {
    this.samples = [];
  }

  /** Notes the totals of a moment. */
  add(at, totals) {
    this.samples.push({ at, totals });
    this.forget(at);
  }

  /** When something was noted last. */
  get last() {
    return this.samples[this.samples.length - 1]?.at ?? 0;
  }

  /** Those before the window, but for the last of them, which held until the window began. */
  forget(now) {
    while (this.samples.length > 1 && this.samples[1].at <= now - 1000 * SECONDS) this.samples.shift();
  }

  /** How much more each total is than at the beginning of the window, and how many seconds that is; nothing at first. */
  since(now) {
    this.forget(now);
    const [first, last] = [this.samples[0], this.samples[this.samples.length - 1]];
    const seconds = first ? Math.min(SECONDS, (now - first.at) / 1000) : 0;
    if (seconds < 1) return null;
    return { seconds, more: last.totals.map((total, index) => Math.max(0, total - first.totals[index])) };
  }
}

const model = {
  program: null,
  health: null,
  /** By id: what it is, how it fares, and its nodes by index. */
  graphs: new Map(),
  states: new Map(),
  batches: new Map(),
  /** The server's clock less this one, in milliseconds. */
  ahead: 0,
};

/** The server's time now. */
function now() {
  return Date.now() + model.ahead;
}

/** Takes in what `graphs` tells of each graph; what was known of how they fare stays. */
function describe(answer) {
  // Another program under the same address has other graphs, and maybe another page.
  if (model.program && (model.program.pid !== answer.program.pid || model.program.started !== answer.program.started)) return location.reload();
  model.program = answer.program;
  for (const what of answer.graphs) {
    if (model.graphs.has(what.id)) continue;
    const nodes = what.nodes.map((node) => ({ what: node, figures: null, lately: new Lately(), depth: 0 }));
    for (const node of nodes) {
      const parent = nodes[node.what.parent];
      if (parent) node.depth = parent.depth + 1;
    }
    const words = [what.name, ...what.nodes.flatMap((node) => [node.path, node.operator])];
    model.graphs.set(what.id, { what, figures: null, lately: new Lately(), nodes, words: words.join("\n").toLowerCase() });
  }
}

/** Takes in what changed. Returns whether there is a graph that is not described yet. */
function change(told) {
  model.ahead = told.at - Date.now();
  let unknown = false;
  if (told.health) model.health = told.health;
  for (const of of told.graphs) {
    const graph = model.graphs.get(of.id);
    if (!graph) {
      unknown = true;
      continue;
    }
    if (of.figures) {
      graph.figures = take(graph, told, of.figures);
    }
    for (const { node: index, ...figures } of of.nodes) {
      const node = graph.nodes[index];
      if (!node) continue;
      node.figures = take(node, told, figures);
    }
  }
  for (const part of ["states", "batches"]) {
    if (told.whole) model[part].clear();
    for (const id of told.gone?.[part] ?? []) model[part].delete(id);
    for (const one of told[part]) {
      if (part === "states") noticeState(model.states.get(one.id), one);
      model[part].set(one.id, one);
    }
  }
  return unknown;
}

/** What is known of a graph or node by now. A failure is told when it is another. */
function take(one, { at, whole }, figures) {
  // Of what came while the page did not listen, it does not know when it came.
  if (whole && one.lately.last < at - 3000) one.lately = new Lately();
  one.lately.add(at, [ended(figures), failures(figures), figures.sum_us]);
  return whole ? figures : { last_failure: one.figures?.last_failure, ...figures };
}

/** What came lately, as text: calls a second, which share of them failed, and how long one took on average. */
function lately(of) {
  const known = of.since(now());
  if (!known) return { perSecond: "–", failed: "–", mean: "–", isBad: false };
  const [calls, failed, micros] = known.more;
  return {
    perSecond: rate(calls / known.seconds),
    failed: share(failed, calls),
    mean: calls ? took(micros / calls) : "–",
    isBad: failed > 0,
  };
}

function ended(figures) {
  return figures.finished + failures(figures) + figures.cancelled;
}

function failures(figures) {
  return figures.failed + figures.panicked;
}

function noticeState(before, after) {
  if (before && before.says !== after.says) say(`${after.kind} of ${after.name}: ${after.says}`);
}
