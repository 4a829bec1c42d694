// What fails just now, above all else: which node, how often, and what it said.

/** More are counted and not shown. */
const MOST_FAILING = 8;
/** Milliseconds for which one that fails now and then shows as failing, so that nothing flickers. */
const LINGER = 3000;

/** How a graph or node is, as it is shown. */
function stateOf(one) {
  const { figures } = one;
  if (!figures) return "idle";
  const last = figures.last_failure;
  if (figures.state === "failing" || !last || now() - last.at > LINGER) return figures.state;
  const late = one.lately.since(now());
  return late && late.more[1] >= 0.1 * late.more[0] ? "failing" : figures.state;
}

class Failing {
  constructor({ graph, node }) {
    this.graph = graph;
    this.node = node;
    this.often = make("span", { class: "quiet" });
    this.text = make("span", { class: "text" });
    const name = make("button", { type: "button" }, make("b", {}, node.what.path), ` of ${graph.what.name}`);
    name.addEventListener("click", () => {
      the("search").value = "";
      show();
      cards.children.get(graph.what.id)?.lead(node);
    });
    this.cause = make("span", { class: "text" });
    this.element = make("li", {}, make("span", { "aria-hidden": "true" }, "✕"), name, this.often, this.cause, this.text);
  }

  show() {
    const late = lately(this.node.lately);
    write(this.often, late.isBad ? `${late.failed} of ${late.perSecond} calls/s` : "");
    const last = this.node.figures.last_failure;
    // What was turned away says less than what brought that about.
    write(this.cause, last?.cause?.text ?? "");
    this.cause.hidden = !last?.cause?.text;
    write(this.text, last?.text ?? "");
  }
}

/** Those that fail, by graph and number. */
let failed = new Map();
/** What failed before the page was opened is seen, and not said. */
let isShown = false;
const failing = new List(the("failing-list"), (key) => new Failing(failed.get(key)));

function showFailing() {
  const before = failed;
  failed = new Map();
  for (const [id, graph] of model.graphs) {
    graph.nodes.forEach((node, index) => {
      if (stateOf(node) === "failing") failed.set(`${id} ${index}`, { graph, node });
    });
  }
  // Which node fails is said; that the graphs around it do, follows.
  const name = ({ graph, node }) => `node ${node.what.path} of ${graph.what.name}`;
  for (const [key, one] of failed) if (!before.has(key) && isShown) say(`${name(one)} is failing`);
  for (const [key, one] of before) if (!failed.has(key)) say(`${name(one)} is no longer failing`);
  isShown ||= model.graphs.size > 0;
  // A node that is a graph fails with one inside, which comes first.
  const keys = [...failed.keys()].sort((one, other) => Boolean(failed.get(one).node.what.graph) - Boolean(failed.get(other).node.what.graph));
  the("failing").hidden = keys.length === 0;
  failing.show(keys.slice(0, MOST_FAILING), (child) => child.show());
  const more = keys.length - MOST_FAILING;
  the("failing-more").hidden = more <= 0;
  write(the("failing-more"), `And ${count(Math.max(0, more))} more nodes.`);
}
