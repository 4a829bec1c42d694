// Policies, resources and what else outlives runs: those in trouble first.

/** More are counted and not shown. */
const MOST_STATES = 120;
const KINDS = {
  breaker: "circuit breaker",
  concurrency: "calls at a time",
  rate: "calls in a time",
  memory: "memory budget",
  isolation: "processes of its own",
  threads: "threads",
};

class Thing {
  constructor() {
    this.name = make("span", { class: "name" });
    this.kind = make("p", { class: "kind" });
    this.badge = new Badge();
    this.trouble = make("p", { class: "trouble" });
    this.bar = make("progress");
    this.text = make("p", { class: "text" });
    this.element = make("li", {}, make("div", { class: "row" }, this.name, this.badge.element), this.kind, this.trouble, this.bar, this.text);
  }

  show(thing) {
    const { kind, name, state, says, trouble, text, part } = thing;
    mark(this.element, "data-state", state);
    mark(this.element, "data-thing", `${kind} ${name}`);
    write(this.name, name);
    write(this.kind, KINDS[kind] ?? kind);
    this.badge.show(state, says);
    this.trouble.hidden = !trouble;
    write(this.trouble, trouble ?? "");
    this.bar.hidden = !part;
    if (part) {
      mark(this.bar, "aria-label", `How much of ${name} is in use`);
      this.bar.max = Math.max(1, part.whole);
      this.bar.value = part.part;
    }
    write(this.text, text);
  }
}

const things = new List(the("states-list"), () => new Thing());

function showStates() {
  const urgency = ({ state }) => ["failing", "waiting"].indexOf(state) + 1 || 3;
  const all = [...model.states.values()];
  // The sort is stable: what is as urgent as another stays where it was.
  all.sort((one, other) => urgency(one) - urgency(other) || one.id - other.id);
  the("states").hidden = all.length === 0;
  things.show(all.slice(0, MOST_STATES).map(({ id }) => id), (child, id) => child.show(model.states.get(id)));
  const more = all.length - MOST_STATES;
  the("states-more").hidden = more <= 0;
  write(the("states-more"), `And ${count(Math.max(0, more))} more.`);
}
