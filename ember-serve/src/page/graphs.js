// The list of graphs; those that are open show their picture and their nodes.

/** Rows that are shown of a graph at first, beside those that fail. */
const MOST_ROWS = 40;

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
      this.show();
    }
  }

  fill() {
    const { what, nodes } = this.graph;
    this.picture = new Picture(this.graph);
    this.table = make("tbody", { role: "rowgroup" });
    this.rows = nodes.map((node) => new Row(node));
    this.table.append(...this.rows.map((row) => row.element));
    const table = make("table", { role: "table", "aria-label": `Nodes of ${what.name}` }, head(), this.table);
    this.failures = make("div", { class: "failures", hidden: true }, make("h4", {}, "Last failure of a run that no node tells"));
    this.failed = new Failure();
    this.failures.append(this.failed.element);
    this.isWhole = false;
    this.more = make("button", { type: "button", class: "more", hidden: true });
    this.more.addEventListener("click", () => {
      this.isWhole = true;
      this.show();
      this.rows[MOST_ROWS].name.querySelector("button, .path").focus();
    });
    const where = `${what.async ? "async, " : ""}${what.file}:${what.line}, ${nodes.length} ${nodes.length === 1 ? "node" : "nodes"}`;
    this.inside.append(make("p", { class: "where" }, where), this.picture.element, make("div", { class: "side" }, table, this.more, this.failures));
  }

  /** Called some times a second: what nobody sees is left alone. */
  show() {
    const { figures } = this.graph;
    const recent = lately(this.graph.lately);
    const state = stateOf(this.graph);
    mark(this.element, "data-state", state);
    this.badge.show(state);
    if (figures) {
      const parts = [
        [recent.perSecond, "runs/s"],
        [recent.failed, "failed", recent.isBad],
        [took(figures.p50_us), "p50"],
        [took(figures.p99_us), "p99"],
        [count(failures(figures)), `of ${count(ended(figures))} failed`, failures(figures) > 0],
      ];
      if (figures.running > 0) parts.unshift([count(figures.running), "running"]);
      figure(this.figures, parts);
    }
    if (this.inside.hidden) return;
    for (const row of this.rows) row.show();
    this.cut();
    const failure = figures?.last_failure;
    // What a node said stands below it.
    const isTold = this.graph.nodes.some((node) => node.figures?.last_failure?.run === failure?.run);
    this.failures.hidden = !failure || isTold;
    if (failure && !isTold) this.failed.show(failure);
    this.picture.show();
  }

  /** Leaves out the nodes that nobody looks for, and of many the last, until they are asked for. */
  cut() {
    const { words, only } = sought();
    const all = this.graph.what.name.toLowerCase().includes(words);
    let left = this.isWhole ? Infinity : MOST_ROWS;
    let cut = 0;
    for (const row of this.rows) {
      const fails = stateOf(row.node) === "failing";
      const isSought = (all || row.words.includes(words)) && (fails || !only);
      if (isSought) left -= 1;
      if (isSought && left < 0 && !fails) cut += 1;
      row.see(isSought && (left >= 0 || fails));
    }
    this.more.hidden = cut === 0;
    write(this.more, `Show ${count(cut)} more nodes`);
  }

  /** Opens the card where one finds a node. */
  lead(node) {
    this.open(true);
    const row = this.rows.find((row) => row.node === node);
    row.element.scrollIntoView({ block: "center" });
    row.name.querySelector("button")?.focus({ preventScroll: true });
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
