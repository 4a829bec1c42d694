// The picture of a graph, with the state of each node on it.

/**
 * Fetches a picture. The browser reads it as a document of its own, in which nothing runs; no text of the server is ever read
 * as HTML.
 */
function fetchPicture(id) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("GET", `${BASE}pictures/${id}`);
    request.responseType = "document";
    request.timeout = 10000;
    request.onload = () => {
      const svg = request.responseXML?.documentElement;
      if (request.status === 200 && svg?.localName === "svg") resolve(document.importNode(svg, true));
      else reject(new Error(`the picture was not to be had (${request.status})`));
    };
    request.onerror = request.ontimeout = () => reject(new Error("the picture was not to be had"));
    request.send();
  });
}

const SVG = "http://www.w3.org/2000/svg";

/** Wider pictures stand above the table, and not beside it. */
const WIDE = 620;

class Picture {
  constructor(graph) {
    this.graph = graph;
    this.place = make("div", { class: "place", role: "region", tabindex: "0", "aria-label": `Picture of ${graph.what.name}; the table tells the same` });
    this.size = make("button", { type: "button", class: "more", hidden: true });
    this.element = make("div", { class: "picture fit" }, this.place, this.size);
    this.size.addEventListener("click", () => {
      this.element.classList.toggle("fit");
      this.showSize();
    });
    // What is made small to fit can be had in its own size.
    new ResizeObserver(() => this.showSize()).observe(this.place);
    this.boxes = new Map();
    this.isAsked = false;
  }

  async load() {
    if (this.isAsked) return;
    this.isAsked = true;
    try {
      const svg = await fetchPicture(this.graph.what.id);
      for (const group of svg.querySelectorAll("g[data-node]")) this.boxes.set(group.getAttribute("data-node"), new Box(group));
      this.svg = svg;
      this.element.classList.toggle("wide", svg.viewBox.baseVal.width > WIDE);
      this.place.replaceChildren(svg);
      this.show();
      this.showSize();
    } catch (error) {
      this.isAsked = false;
      this.place.replaceChildren(make("p", { class: "quiet" }, error.message));
    }
  }

  showSize() {
    if (!this.svg) return;
    const isFit = this.element.classList.contains("fit");
    const isSmall = this.svg.getBoundingClientRect().width < 0.8 * this.svg.viewBox.baseVal.width;
    this.size.hidden = isFit && !isSmall;
    write(this.size, isFit ? "In full size" : "Fit to the page");
  }

  show() {
    if (!this.boxes.size) return;
    for (const node of this.graph.nodes) this.boxes.get(node.what.path)?.show(node);
  }
}

/** The box of a node. */
class Box {
  constructor(group) {
    this.group = group;
    this.mark = null;
  }

  show(node) {
    const { figures } = node;
    if (!figures) return;
    const state = stateOf(node);
    mark(this.group, "data-state", state);
    const text = state === "idle" ? "" : label(state, figures);
    if (!text) {
      this.mark?.remove();
      this.mark = null;
      return;
    }
    if (!this.mark) this.add();
    if (this.text.textContent === text) return;
    this.text.textContent = text;
    const width = 12 + 6.6 * text.length;
    this.back.setAttribute("width", width);
    this.back.setAttribute("x", -width);
    this.text.setAttribute("x", -width / 2);
  }

  /** The mark sits on the upper right corner. */
  add() {
    const box = this.group.querySelector("rect:not(.eg-inner)");
    const corner = [Number(box.getAttribute("x")) + Number(box.getAttribute("width")) + 8, Number(box.getAttribute("y")) - 8];
    this.mark = document.createElementNS(SVG, "g");
    this.mark.setAttribute("class", "mark");
    this.mark.setAttribute("transform", `translate(${corner})`);
    this.back = document.createElementNS(SVG, "rect");
    this.text = document.createElementNS(SVG, "text");
    for (const [key, value] of Object.entries({ height: 17, rx: 8.5 })) this.back.setAttribute(key, value);
    this.text.setAttribute("y", 12.5);
    this.mark.append(this.back, this.text);
    this.group.append(this.mark);
  }
}

function label(state, figures) {
  const { sign } = STATES[state];
  const number = { running: figures.running, failing: failures(figures), waiting: figures.running }[state] ?? 0;
  return number > 0 ? `${sign} ${short.format(number)}` : sign;
}
