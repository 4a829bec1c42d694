// Elements of the page. What comes from the program is only ever set as text or as an attribute.

/** An element with attributes and children, which are elements or text. */
function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(key, value);
  }
  element.append(...children);
  return element;
}

function the(id) {
  return document.getElementById(id);
}

/** Sets the text of an element, if it is another: so that nothing is laid out or read out anew that is the same. */
function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function mark(element, name, value) {
  if (value === null) element.removeAttribute(name);
  else if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

/** The badge of a state: sign, word, colour. */
class Badge {
  constructor() {
    this.sign = make("span", { "aria-hidden": "true" });
    this.word = make("span");
    this.element = make("span", { class: "badge" }, this.sign, this.word);
  }

  show(state, word = STATES[state].word) {
    mark(this.element, "data-state", state);
    write(this.sign, STATES[state].sign);
    write(this.word, word);
  }
}

/** Keeps one child for each key, in the order of the keys. */
class List {
  constructor(parent, create) {
    this.parent = parent;
    this.create = create;
    this.children = new Map();
  }

  show(keys, update) {
    const wanted = new Set(keys);
    for (const [key, child] of this.children) {
      if (!wanted.has(key)) {
        child.element.remove();
        this.children.delete(key);
      }
    }
    let before = this.parent.firstElementChild;
    for (const key of keys) {
      let child = this.children.get(key);
      if (!child) {
        child = this.create(key);
        this.children.set(key, child);
      }
      if (child.element === before) before = before.nextElementSibling;
      else this.parent.insertBefore(child.element, before);
      update?.(child, key);
    }
  }
}

/** Says what changed, for those who do not see it; many changes at once become one sentence. */
const sayings = { queue: [], timer: 0 };

function say(sentence) {
  sayings.queue.push(sentence);
  if (sayings.timer) return;
  sayings.timer = setTimeout(() => {
    const { queue } = sayings;
    const more = queue.length > 3 ? ` And ${queue.length - 3} more changes.` : "";
    the("said").textContent = queue.slice(0, 3).join(". ") + "." + more;
    sayings.queue = [];
    sayings.timer = 0;
  }, 700);
}
