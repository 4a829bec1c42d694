// The nodes of a graph as a table, with what each said when it failed last.

/** What is counted of a node: its label, and which of the two groups it stands in. */
const RECENT = ["Calls/s", "Failed", "Mean"];
const ALL = ["Calls", "Failed", "p50", "p99"];
const COLUMNS = ["Node", "State", ...RECENT, ...ALL];

/** The table's head, of two lines: the first says of which time the figures are. */
function head() {
  const th = (name, attributes = {}) => make("th", { role: "columnheader", scope: "col", ...attributes }, name);
  const groups = [
    make("td", { role: "cell", colspan: 2 }),
    th(`last ${SECONDS} s`, { scope: "colgroup", colspan: RECENT.length, class: "group" }),
    th("since the start", { scope: "colgroup", colspan: ALL.length, class: "group" }),
  ];
  const names = COLUMNS.map((name, index) => th(name, { class: index > 1 ? (starts(index) ? "n first" : "n") : false }));
  return make("thead", { role: "rowgroup" }, make("tr", { role: "row" }, ...groups), make("tr", { role: "row" }, ...names));
}

/** Whether a column is the first of its group. */
function starts(column) {
  return column === 2 || column === 2 + RECENT.length;
}

/** A node's row, and one below it for what it said when it failed. */
class Row {
  constructor(node) {
    this.node = node;
    const { what } = node;
    const name = make("td", { role: "cell" }, make("span", { class: "path deep", tabindex: "-1" }, what.path));
    const does = { glue: "plain Rust", branch: "branch", for: "for each", loop: "loop", group: "group" }[what.kind];
    const calls = what.graph ? `graph ${what.graph}` : what.operator;
    if (does || (calls && calls !== what.path)) name.append(make("span", { class: "calls deep" }, does ?? calls));
    if (what.policies.length) {
      const policies = what.policies.map(({ name, value }) => (value ? `${name} ${value}` : name)).join(", ");
      name.append(make("span", { class: "has deep" }, policies));
    }
    // Loops, branches and what is plain Rust are not counted.
    this.isCounted = what.kind === "operator";
    this.badge = new Badge();
    this.badge.show("idle");
    const label = (index) => (index < RECENT.length ? `${RECENT[index]}, ${SECONDS} s` : ALL[index - RECENT.length]);
    this.cells = COLUMNS.slice(2).map((_, index) => {
      const kind = this.isCounted ? (starts(index + 2) ? "n first" : "n") : "none";
      return make("td", { role: "cell", class: kind, "data-label": label(index) }, this.isCounted ? "–" : "");
    });
    const state = make("td", { role: "cell", class: this.isCounted ? "is" : "none" }, ...(this.isCounted ? [this.badge.element] : []));
    this.element = make("tr", { role: "row", "data-node": what.path }, name, state, ...this.cells);
    this.name = name;
    this.why = null;
    this.words = `${what.path}\n${what.operator}`.toLowerCase();
    for (const part of name.children) part.style.setProperty("--deep", node.depth);
  }

  show() {
    const { figures } = this.node;
    if (!figures || !this.isCounted) return;
    const state = stateOf(this.node);
    this.badge.show(state, state === "running" && figures.running > 1 ? `running ${count(figures.running)}` : undefined);
    const failed = failures(figures);
    const recent = lately(this.node.lately);
    const texts = [recent.perSecond, recent.failed, recent.mean, count(ended(figures)), count(failed), took(figures.p50_us), took(figures.p99_us)];
    texts.forEach((text, index) => write(this.cells[index], text));
    this.cells[1].classList.toggle("bad", recent.isBad);
    this.cells[4].classList.toggle("bad", failed > 0);
    if (!figures.last_failure) return;
    this.why ??= new Why(this);
    this.why.show(figures.last_failure, state === "failing");
  }

  /** Whether it is seen, with what stands below it. */
  see(isSeen) {
    this.element.hidden = !isSeen;
    this.why?.see(isSeen);
  }
}

/** What a node said, in a row of its own: open while the node fails, and otherwise for who asks. */
class Why {
  constructor(row) {
    this.failure = new Failure();
    /** What the reader wants, if he said. */
    this.wanted = null;
    this.isOpen = false;
    const id = `why-${(Why.count += 1)}`;
    this.sign = make("span", { class: "turn", "aria-hidden": "true" }, "▸");
    this.when = make("span");
    this.button = make("button", { type: "button", class: "ago", "aria-controls": id }, this.sign, this.when);
    this.cell = make("td", { role: "cell", colspan: COLUMNS.length }, this.failure.element);
    this.element = make("tr", { role: "row", class: "why", id, hidden: true }, this.cell);
    this.row = row;
    row.name.append(make("span", { class: "deep" }, this.button));
    row.name.lastElementChild.style.setProperty("--deep", row.node.depth);
    row.element.after(this.element);
    this.button.addEventListener("click", () => {
      this.wanted = !this.isOpen;
      this.row.show();
    });
  }

  show(failure, isFailing) {
    // One that fails anew is shown, even if the reader closed what it said before.
    if (isFailing && !this.wasFailing) this.wanted = null;
    this.wasFailing = isFailing;
    this.isOpen = this.wanted ?? isFailing;
    mark(this.button, "aria-expanded", String(this.isOpen));
    write(this.when, `failed ${lasting(now() - failure.at)} ago`);
    mark(this.element, "data-now", isFailing ? "failing" : "over");
    this.failure.show(failure);
    this.see(!this.row.element.hidden);
  }

  see(isSeen) {
    this.element.hidden = !(isSeen && this.isOpen);
    this.row.element.classList.toggle("above", !this.element.hidden);
  }
}
Why.count = 0;

/** What a failure said. Its text is the program's own, and shown as it is. */
class Failure {
  constructor() {
    this.node = make("b");
    this.when = make("span");
    this.run = make("span");
    this.text = make("pre", { tabindex: "0", "aria-label": "What it said" });
    this.element = make("div", { class: "failure" }, make("div", { class: "head" }, this.node, this.when, this.run), this.text);
    this.cause = null;
  }

  show(failure) {
    write(this.node, failure.node ?? "the run");
    write(this.when, `at ${clock(failure.at)}, ${lasting(now() - failure.at)} ago`);
    write(this.run, `run ${failure.run}${failure.correlation_id ? `, correlation id ${failure.correlation_id}` : ""}`);
    write(this.text, failure.text ?? "(the graph's own error type took it over, so its text is not known)");
    if (failure.cause && !this.cause) {
      this.cause = new Failure();
      this.before = make("div", { class: "before" }, make("p", {}, "The last that was not turned away:"), this.cause.element);
      this.element.append(this.before);
    }
    if (this.before) this.before.hidden = !failure.cause;
    if (failure.cause) this.cause.show(failure.cause);
  }
}
