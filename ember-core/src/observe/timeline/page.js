"use strict";
(() => {
  const picture = document.getElementById("picture");
  const details = document.getElementById("details");
  const plot = picture.querySelector(".et-plot");
  const axis = plot.querySelector(".et-axis");
  const width = Number(plot.dataset.width);
  const nanos = Number(plot.dataset.nanos);
  const letter = 6.3;
  const most = 1e6;
  const svg = "http://www.w3.org/2000/svg";

  // What is drawn is scaled from where it stood at first.
  const number = (element, name) => Number(element.getAttribute(name));
  const scaled = [];
  for (const element of plot.querySelectorAll("rect,line,circle,text")) {
    if (axis.contains(element)) continue;
    if (element.tagName === "line") scaled.push({ element, from: number(element, "x1"), to: number(element, "x2") });
    else if (element.tagName === "circle") scaled.push({ element, from: number(element, "cx") });
    else if (element.tagName === "text") {
      const bar = element.parentNode.querySelector("rect");
      scaled.push({ element, from: number(bar, "x"), to: number(bar, "x") + number(bar, "width") });
    } else scaled.push({ element, from: number(element, "x"), to: number(element, "x") + number(element, "width") });
  }

  // The tips of the browser would hide what is below; all that they say is shown beside.
  const bars = [...plot.querySelectorAll(".et-bar")];
  for (const bar of bars) {
    const title = bar.querySelector("title");
    bar.dataset.details = title.textContent.trim();
    title.remove();
  }

  // Shown is what lies from `left` on, `scale` times as large.
  let scale = 1;
  let left = 0;
  const place = (x) => (x - left) * scale;

  function time(at) {
    if (at === 0) return "0";
    const [unit, name] = at >= 1e9 ? [1e9, "s"] : at >= 1e6 ? [1e6, "ms"] : at >= 1e3 ? [1e3, "µs"] : [1, "ns"];
    return Number((at / unit).toFixed(6)) + name;
  }

  function ticks() {
    const rough = nanos / scale / 10;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = Math.max(1, [1, 2, 5, 10].map((times) => times * power).find((step) => step >= rough));
    axis.replaceChildren();
    const first = Math.ceil((left / width) * nanos / step);
    const last = Math.floor(((left + width / scale) / width) * nanos / step);
    for (let tick = first; tick <= last; tick += 1) {
      const x = place(((tick * step) / nanos) * width);
      const line = document.createElementNS(svg, "line");
      const text = document.createElementNS(svg, "text");
      for (const [name, value] of [["x1", x], ["x2", x], ["y1", plot.dataset.top], ["y2", plot.dataset.bottom]]) {
        line.setAttribute(name, value);
      }
      axis.append(line);
      // At the edge there is no room for it.
      if (x >= width - 40) continue;
      text.setAttribute("x", x + 3);
      text.setAttribute("y", Number(plot.dataset.top) - 2);
      text.textContent = time(tick * step);
      axis.append(text);
    }
  }

  function draw() {
    scale = Math.min(Math.max(scale, 1), most);
    left = Math.min(Math.max(left, 0), width - width / scale);
    for (const { element, from, to } of scaled) {
      // What lies far outside is put to the edge: numbers of any size are not drawn exactly.
      const a = Math.max(place(from), -50);
      const b = Math.min(place(to), width + 50);
      if (element.tagName === "line") {
        element.setAttribute("x1", place(from));
        element.setAttribute("x2", place(to));
      } else if (element.tagName === "circle") {
        element.setAttribute("cx", place(from));
      } else if (element.tagName === "text") {
        const start = Math.max(a, 0);
        const room = Math.floor((Math.min(b, width) - start - 8) / letter);
        const label = element.dataset.label;
        element.setAttribute("x", start + 5);
        element.textContent = label.length <= room ? label : room < 3 ? "" : label.slice(0, room - 1) + "…";
      } else {
        element.setAttribute("x", a);
        element.setAttribute("width", Math.max(b - a, b < -40 || a > width + 40 ? 0 : 1));
      }
    }
    ticks();
  }

  let asked = false;
  function redraw() {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      draw();
    });
  }

  /** Enlarges, and keeps what lies at `x` where it is. */
  function enlarge(times, x) {
    const at = left + x / scale;
    scale = Math.min(Math.max(scale * times, 1), most);
    left = at - x / scale;
    redraw();
  }

  function move(by) {
    left += by / scale;
    redraw();
  }

  let chosen = -1;
  function choose(next, shows) {
    if (next < 0 || next >= bars.length) return;
    if (chosen >= 0) bars[chosen].classList.remove("chosen");
    chosen = next;
    bars[chosen].classList.add("chosen");
    details.textContent = bars[chosen].dataset.details;
    if (!shows) return;
    const box = scaled.find(({ element }) => element.parentNode === bars[chosen]);
    const [from, to] = [place(box.from), place(box.to)];
    if (to < 0 || from > width) left = box.from - width / scale / 4;
    bars[chosen].scrollIntoView({ block: "nearest" });
    redraw();
  }

  bars.forEach((bar, at) => bar.addEventListener("pointerenter", () => choose(at, false)));

  const inPlot = (event) =>
    event.clientX - picture.querySelector("svg").getBoundingClientRect().left - plot.x.baseVal.value + plot.viewBox.baseVal.x;

  picture.addEventListener("wheel", (event) => {
    if (event.ctrlKey || event.metaKey) enlarge(Math.exp(-event.deltaY / 300), inPlot(event));
    else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) move(event.deltaX || event.deltaY);
    else return;
    event.preventDefault();
  }, { passive: false });

  let dragged = null;
  picture.addEventListener("pointerdown", (event) => {
    dragged = event.clientX;
    picture.setPointerCapture(event.pointerId);
  });
  picture.addEventListener("pointermove", (event) => {
    if (dragged === null) return;
    move(dragged - event.clientX);
    dragged = event.clientX;
  });
  picture.addEventListener("pointerup", () => { dragged = null; });
  picture.addEventListener("pointercancel", () => { dragged = null; });

  picture.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const far = width / 5;
    const actions = {
      ArrowRight: () => (event.shiftKey ? move(far) : choose(chosen + 1, true)),
      ArrowLeft: () => (event.shiftKey ? move(-far) : choose(chosen - 1, true)),
      Home: () => choose(0, true),
      End: () => choose(bars.length - 1, true),
      "+": () => enlarge(1.5, width / 2),
      "=": () => enlarge(1.5, width / 2),
      "-": () => enlarge(1 / 1.5, width / 2),
      0: () => { scale = 1; redraw(); },
    };
    const action = actions[event.key];
    if (!action) return;
    action();
    event.preventDefault();
  });

  draw();
})();
