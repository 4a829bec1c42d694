// The list of graphs; those that are open show their picture, their nodes and what failed last.

const COLUMNS = ["Node", "State", "Calls/s", "Calls", "Failed", "p50", "p90", "p99"];

class Card {
  constructor(id) {
    this.graph = model.graphs.get(id);
    const { what } = this.graph;
    this.badge = new Badge();
    this.figures = make("span", { class: "figures" });
    this.button = make(
      "button",
      { type: "button", "aria-expanded": "false", "aria-controls": `graph-${id}` },
      make("span", { class: "turn", "aria-hidden": "true" }, "▸"),
      make("span", { class: "name" }, what.name),
      this.badge.element,
      this.figures,
    );
    this.inside = make("div", { class: "inside", id: `graph-${id}`, hidden: true });
    this.element = make("article", { class: "graph", "data-graph": what.name, "aria-label": `Graph ${what.name}` }, make("h3", {}, this.button), this.inside);
    this.button.addEventListener("click", () => this.open(this.inside.hidden));
  }

  open(isOpen) {
    this.inside.hidden = !isOpen;
    mark(this.button, "aria-expanded", String(isOpen));
    if (isOpen && !this.table) this.fill();
    if (isOpen) {
      this.picture.load();
      this.graph.changed = true;
      this.show();
    }
  }

  fill() {
    const { what, nodes } = this.graph;
    this.picture = new Picture(this.graph);
    this.table = make("tbody", { role: "rowgroup" });
    this.rows = nodes.map((node) => new Row(node, this.graph));
    this.table.append(...this.rows.map((row) => row.element));
    const head = COLUMNS.map((name, index) => make("th", { role: "columnheader", scope: "col", class: index > 1 ? "n" : false }, name));
    const table = make(
      "table",
      { role: "table", "aria-label": `Nodes of ${what.name}` },
      make("thead", { role: "rowgroup" }, make("tr", { role: "row" }, ...head)),
      this.table,
    );
    this.failures = make("div", { class: "failures", hidden: true }, make("h4", {}, "Last failure"));
    this.failed = new Failure();
    this.failures.append(this.failed.element);
    const where = `${what.async ? "async, " : ""}${what.file}:${what.line}, ${nodes.length} ${nodes.length === 1 ? "node" : "nodes"}`;
    this.inside.append(make("p", { class: "where" }, where), this.picture.element, make("div", { class: "side" }, table, this.failures));
  }

  /** Called some times a second: what nobody sees is left alone. */
  show() {
    const { figures } = this.graph;
    const rates = rate(this.graph.rate.at(now()));
    mark(this.element, "data-state", figures?.state ?? "idle");
    this.badge.show(figures?.state ?? "idle");
    if (figures) {
      const parts = [
        [rates, "runs/s"],
        [took(figures.p50_us), "p50"],
        [took(figures.p99_us), "p99"],
        [count(failures(figures)), "failed", failures(figures) > 0],
      ];
      if (figures.running > 0) parts.unshift([count(figures.running), "running"]);
      figure(this.figures, parts);
    }
    if (this.inside.hidden) return;
    for (const row of this.rows) row.show();
    const failure = figures?.last_failure;
    this.failures.hidden = !failure;
    if (failure) this.failed.show(failure);
    if (!this.graph.changed) return;
    this.graph.changed = false;
    this.picture.show();
  }
}

function figure(parent, parts) {
  while (parent.children.length > parts.length) parent.lastElementChild.remove();
  parts.forEach(([value, name, isBad], index) => {
    if (!parent.children[index]) parent.append(make("span", {}, make("b"), " ", make("span")));
    const part = parent.children[index];
    write(part.firstElementChild, value);
    write(part.lastElementChild, name);
    mark(part, "class", isBad ? "bad" : null);
  });
}

/** A node's row. */
class Row {
  constructor(node, graph) {
    this.node = node;
    const { what } = node;
    const name = make("td", { role: "cell" }, make("span", { class: "path" }, what.path));
    name.firstElementChild.className = "path deep";
    name.firstElementChild.style.setProperty("--deep", node.depth);
    const does = { glue: "plain Rust", branch: "branch", for: "for each", loop: "loop", group: "group" }[what.kind];
    const calls = what.graph ? `graph ${what.graph}` : what.operator;
    if (does || (calls && calls !== what.path)) name.append(make("span", { class: "calls deep" }, does ?? calls));
    if (what.policies.length) {
      const policies = what.policies.map(({ name, value }) => (value ? `${name} ${value}` : name)).join(", ");
      name.append(make("span", { class: "has deep" }, policies));
    }
    for (const part of name.children) part.style.setProperty("--deep", node.depth);
    this.badge = new Badge();
    this.badge.show("idle");
    // Loops, branches and what is plain Rust are not counted.
    const isCounted = what.kind === "operator";
    this.cells = COLUMNS.slice(2).map((label) => make("td", { role: "cell", class: isCounted ? "n" : "none", "data-label": label }, isCounted ? "–" : ""));
    const state = make("td", { role: "cell", class: isCounted ? "is" : "none" }, ...(isCounted ? [this.badge.element] : []));
    this.element = make("tr", { role: "row", "data-node": what.path }, name, state, ...this.cells);
    this.element.addEventListener("pointerenter", () => this.point(graph, true));
    this.element.addEventListener("pointerleave", () => this.point(graph, false));
  }

  point(graph, isOn) {
    this.element.classList.toggle("marked", isOn);
  }

  show() {
    const { figures, what } = this.node;
    if (!figures || what.kind !== "operator") return;
    this.badge.show(figures.state, figures.state === "running" && figures.running > 1 ? `running ${count(figures.running)}` : undefined);
    const failed = failures(figures);
    const texts = [
      rate(this.node.rate.at(now())),
      count(ended(figures)),
      count(failed),
      took(figures.p50_us),
      took(figures.p90_us),
      took(figures.p99_us),
    ];
    texts.forEach((text, index) => write(this.cells[index], text));
    mark(this.cells[2], "class", failed > 0 ? "n bad" : "n");
  }
}

/** What the last failure of a graph said. Its text is the program's own, and shown as it is. */
class Failure {
  constructor() {
    this.node = make("b");
    this.when = make("span");
    this.run = make("span");
    this.text = make("pre", { tabindex: "0", "aria-label": "What it said" });
    this.element = make("div", { class: "failure" }, make("div", { class: "head" }, this.node, this.when, this.run), this.text);
  }

  show(failure) {
    write(this.node, failure.node ?? "the run");
    write(this.when, `${lasting(now() - failure.at)} ago`);
    write(this.run, `run ${failure.run}${failure.correlation_id ? `, correlation id ${failure.correlation_id}` : ""}`);
    write(this.text, failure.text ?? "(the graph's own error type took it over, so its text is not known)");
  }
}
