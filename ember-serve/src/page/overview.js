// What stands above the graphs: health, totals, batches.

function showHealth() {
  const { health } = model;
  if (!health) return;
  const state = health.ready ? (health.reasons.length ? "waiting" : "ok") : "failing";
  mark(the("health"), "data-state", state);
  write(the("health").firstElementChild, health.ready && health.reasons.length ? "!" : STATES[state].sign);
  const words = { up: "Ready", degraded: "Ready, but degraded", down: "Not ready" };
  write(the("health-text"), words[health.status] ?? health.status);
  const list = the("health-reasons");
  list.hidden = health.reasons.length === 0;
  reasons.show(health.reasons.map((_, index) => index), (child, index) => child.show(health.reasons[index]));
}

class Reason {
  constructor() {
    this.name = make("b");
    this.text = make("span");
    this.sign = make("span", { "aria-hidden": "true" });
    this.element = make("li", {}, this.sign, " ", this.name, " ", this.text);
  }

  show({ status, of, kind, text }) {
    write(this.sign, status === "down" ? "✕" : "!");
    write(this.name, `${of} (${kind})`);
    write(this.text, text);
  }
}

const reasons = new List(the("health-reasons"), () => new Reason());

const totals = ["Runs per second", "Runs that failed", "Running now", "Failed since the start", "Failing nodes"].map((name) => {
  const value = make("span", {}, "–");
  const details = make("small");
  const element = make("div", {}, make("dt", {}, name), make("dd", {}, value, " ", details));
  the("totals").append(element);
  return { element, value, details };
});

function showTotals() {
  let [perSecond, lateRuns, lateFailed, running, failed, runs, failing] = [0, 0, 0, 0, 0, 0, 0];
  let isKnown = false;
  for (const graph of model.graphs.values()) {
    if (!graph.figures) continue;
    const late = graph.lately.since(now());
    if (late) {
      isKnown = true;
      perSecond += late.more[0] / late.seconds;
      lateRuns += late.more[0];
      lateFailed += late.more[1];
    }
    running += graph.figures.running;
    failed += failures(graph.figures);
    runs += ended(graph.figures);
    for (const node of graph.nodes) if (stateOf(node) === "failing") failing += 1;
  }
  const window = `last ${SECONDS} s`;
  const shown = [
    [isKnown ? rate(perSecond) : "–", window],
    [isKnown ? share(lateFailed, lateRuns) : "–", window],
    [count(running), ""],
    [count(failed), runs ? `of ${count(runs)}` : ""],
    [count(failing), ""],
  ];
  shown.forEach(([text, details], index) => {
    write(totals[index].value, text);
    write(totals[index].details, details);
  });
  mark(totals[1].element, "data-state", lateFailed ? "failing" : null);
  mark(totals[4].element, "data-state", failing ? "failing" : null);
}

/** A batch that runs. */
class Batch {
  constructor() {
    this.name = make("b");
    this.part = make("span");
    this.bar = make("progress");
    this.details = make("span", { class: "quiet" });
    this.failed = make("span", { class: "bad" });
    this.lately = new Lately();
    this.element = make("li", {}, make("div", { class: "row" }, this.name, this.part), this.bar, make("div", { class: "row" }, this.details, this.failed));
  }

  show(batch) {
    const { name, failed } = batch;
    const { part: done, whole: total } = batch.part;
    if (this.done !== done) this.lately.add(now(), [done]);
    this.done = done;
    const late = this.lately.since(now());
    const perSecond = late ? late.more[0] / late.seconds : 0;
    write(this.name, name);
    write(this.part, total ? `${count(done)} of ${count(total)} (${percent(done, total)})` : `${count(done)} done`);
    mark(this.bar, "aria-label", `Items of ${name} that are done`);
    if (total) {
      this.bar.max = total;
      this.bar.value = done;
    } else {
      this.bar.removeAttribute("value");
    }
    const left = total && perSecond > 0 ? `, ${lasting((1000 * (total - done)) / perSecond)} left` : "";
    write(this.details, late ? `${rate(perSecond)} items/s, last ${SECONDS} s${left}` : "");
    write(this.failed, failed ? `✕ ${count(failed)} failed` : "");
  }
}

const batches = new List(the("batches-list"), () => new Batch());

function showBatches() {
  the("batches").hidden = model.batches.size === 0;
  batches.show([...model.batches.keys()], (child, id) => child.show(model.batches.get(id)));
}

function showFoot() {
  const { program } = model;
  if (!program) return;
  const parts = [program.name, `process ${program.pid}`, `ember ${program.ember}`, `up for ${lasting(now() - program.started)}`];
  const foot = the("foot");
  parts.forEach((text, index) => {
    if (!foot.children[index]) foot.append(make("span"));
    write(foot.children[index], text);
  });
}
