// The contrast of each text with what is behind it, by the formula of WCAG 2.2 (relative luminance).
const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
function rgb(colour) {
  canvas.clearRect(0, 0, 1, 1);
  canvas.fillStyle = colour;
  canvas.fillRect(0, 0, 1, 1);
  const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
  return { r, g, b, a: a / 255 };
}
function luminance({ r, g, b }) {
  const part = (value) => ((value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
  return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
}
function ground(element) {
  for (let at = element; at; at = at.parentElement) {
    // In a picture the nearest box of the same node is behind the text.
    if (at.ownerSVGElement) {
      const boxes = [...at.ownerSVGElement.querySelectorAll("rect, path")].filter((box) => {
        const fill = getComputedStyle(box).fill;
        if (fill === "none") return false;
        const [a, b] = [box.getBoundingClientRect(), element.getBoundingClientRect()];
        const [x, y] = [(b.left + b.right) / 2, (b.top + b.bottom) / 2];
        const before = box.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING;
        return before && a.left <= x && x <= a.right && a.top <= y && y <= a.bottom;
      });
      if (boxes.length) return rgb(getComputedStyle(boxes[boxes.length - 1]).fill);
      at = at.ownerSVGElement;
    }
    const colour = rgb(getComputedStyle(at).backgroundColor);
    if (colour.a > 0.99) return colour;
  }
  return rgb("Canvas");
}
let looked = 0;
const faint = [];
const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (texts.nextNode()) {
  const text = texts.currentNode;
  const element = text.parentElement;
  if (!text.data.trim() || element.closest("script, style, title, desc, noscript, .said, .skip")) continue;
  if (!element.checkVisibility({ contentVisibilityAuto: false })) continue;
  looked += 1;
  const style = getComputedStyle(element);
  const [one, other] = [luminance(rgb(element.ownerSVGElement ? style.fill : style.color)), luminance(ground(element))];
  const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
  if (contrast < 4.5) faint.push(`${contrast.toFixed(2)}: ${text.data.trim().slice(0, 40)} (${element.className.baseVal ?? element.className})`);
}
return { looked, faint };
