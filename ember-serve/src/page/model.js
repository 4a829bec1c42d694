// What the server told, and what follows from it.

/** How many a second, over the last few seconds. */
class Rate {
  constructor() {
    this.samples = [];
  }

  add(at, total) {
    const { samples } = this;
    const last = samples[samples.length - 1];
    if (!last || last.total !== total) samples.push({ at, total });
    while (samples.length > 2 && samples[1].at < at - Rate.WINDOW) samples.shift();
  }

  /** Of a count that did not change since, the rate sinks to nothing. */
  at(now) {
    const { samples } = this;
    while (samples.length > 1 && samples[1].at < now - Rate.WINDOW) samples.shift();
    const last = samples[samples.length - 1];
    if (samples.length < 2 || last.at < now - Rate.WINDOW) return 0;
    return (1000 * (last.total - samples[0].total)) / Math.max(1000, now - samples[0].at);
  }
}
Rate.WINDOW = 5000;

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
  model.program = answer.program;
  for (const what of answer.graphs) {
    if (model.graphs.has(what.id)) continue;
    const nodes = what.nodes.map((node) => ({ what: node, figures: null, rate: new Rate(), depth: 0 }));
    for (const node of nodes) {
      const parent = nodes[node.what.parent];
      if (parent) node.depth = parent.depth + 1;
    }
    const words = [what.name, ...what.nodes.flatMap((node) => [node.path, node.operator])];
    model.graphs.set(what.id, { what, figures: null, rate: new Rate(), nodes, words: words.join("\n").toLowerCase(), changed: true });
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
      notice(`graph ${graph.what.name}`, graph.figures, of.figures);
      graph.figures = of.figures;
      graph.rate.add(told.at, ended(of.figures));
    }
    for (const { node: index, ...figures } of of.nodes) {
      const node = graph.nodes[index];
      if (!node) continue;
      notice(`node ${node.what.path} of ${graph.what.name}`, node.figures, figures);
      node.figures = figures;
      node.rate.add(told.at, ended(figures));
    }
    graph.changed = true;
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

function ended(figures) {
  return figures.finished + failures(figures) + figures.cancelled;
}

function failures(figures) {
  return figures.failed + figures.panicked;
}

function notice(name, before, after) {
  if (!before || before.state === after.state) return;
  if (after.state === "failing") say(`${name} is failing`);
  else if (before.state === "failing") say(`${name} is no longer failing`);
}

function noticeState(before, after) {
  if (before && before.says !== after.says) say(`${after.kind} of ${after.name}: ${after.says}`);
}
