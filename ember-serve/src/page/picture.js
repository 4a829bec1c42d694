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

class Picture {
  constructor(graph) {
    this.graph = graph;
    this.element = make("div", { class: "picture", role: "region", tabindex: "0", "aria-label": `Picture of ${graph.what.name}; the table beside it tells the same` });
    this.boxes = new Map();
    this.isAsked = false;
  }

  async load() {
    if (this.isAsked) return;
    this.isAsked = true;
    try {
      const svg = await fetchPicture(this.graph.what.id);
      for (const group of svg.querySelectorAll("g[data-node]")) this.boxes.set(group.getAttribute("data-node"), new Box(group));
      this.element.replaceChildren(svg);
      this.show();
    } catch (error) {
      this.isAsked = false;
      this.element.replaceChildren(make("p", { class: "quiet" }, error.message));
    }
  }

  show() {
    if (!this.boxes.size) return;
    for (const node of this.graph.nodes) this.boxes.get(node.what.path)?.show(node.figures);
  }
}

/** The box of a node. */
class Box {
  constructor(group) {
    this.group = group;
    this.mark = null;
  }

  show(figures) {
    if (!figures) return;
    mark(this.group, "data-state", figures.state);
    const text = figures.state === "idle" ? "" : label(figures);
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

function label(figures) {
  const { sign } = STATES[figures.state];
  const number = { running: figures.running, failing: failures(figures), waiting: figures.running }[figures.state] ?? 0;
  return number > 0 ? `${sign} ${short.format(number)}` : sign;
}
