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

const totals = ["Runs per second", "Running now", "Failed runs", "Failing nodes"].map((name) => {
  const value = make("dd", {}, "–");
  const element = make("div", {}, make("dt", {}, name), value);
  the("totals").append(element);
  return { element, value };
});

function showTotals() {
  let [perSecond, running, failed, ended_, failing] = [0, 0, 0, 0, 0];
  for (const graph of model.graphs.values()) {
    perSecond += graph.rate.at(now());
    if (!graph.figures) continue;
    running += graph.figures.running;
    failed += failures(graph.figures);
    ended_ += ended(graph.figures);
    for (const node of graph.nodes) if (node.figures?.state === "failing") failing += 1;
  }
  const shown = [rate(perSecond), count(running), count(failed), count(failing)];
  shown.forEach((text, index) => {
    const { value } = totals[index];
    if (index === 2) {
      const share = ended_ ? ` of ${count(ended_)}` : "";
      if (!value.firstElementChild) value.replaceChildren(make("span"), make("small"));
      write(value.firstElementChild, text);
      write(value.lastElementChild, share);
    } else {
      write(value, text);
    }
  });
  mark(totals[3].element, "data-state", failing ? "failing" : null);
}

/** A batch that runs. */
class Batch {
  constructor() {
    this.name = make("b");
    this.part = make("span");
    this.bar = make("progress");
    this.details = make("span", { class: "quiet" });
    this.failed = make("span", { class: "bad" });
    this.rate = new Rate();
    this.element = make("li", {}, make("div", { class: "row" }, this.name, this.part), this.bar, make("div", { class: "row" }, this.details, this.failed));
  }

  show(batch) {
    const { name, failed } = batch;
    const { part: done, whole: total } = batch.part;
    this.rate.add(now(), done);
    const perSecond = this.rate.at(now());
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
    write(this.details, `${rate(perSecond)} items/s${left}`);
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
