// Elements are made here, and nowhere from HTML: what strangers wrote stays text.

const SVG = "http://www.w3.org/2000/svg";

export const at = (id) => document.getElementById(id);

// `make("td", { class: "right" }, "text", otherElement)`; null children are left out.
export function make(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

export function draw(tag, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

// Only what is another text is written: screen readers would say it again.
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export function show(element, visible) {
  if (element.hidden === visible) element.hidden = !visible;
}

// The children of `parent` become those of `items`, by key. An element that stays is the
// same one, so focus, open details and selections stay with it.
export function keep(parent, items, keyOf, build, fill = () => {}) {
  const there = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  let place = parent.firstElementChild;
  for (const item of items) {
    const key = keyOf(item);
    let element = there.get(key);
    there.delete(key);
    if (!element) {
      element = build(item);
      element.dataset.key = key;
    }
    if (element === place) place = place.nextElementSibling;
    else parent.insertBefore(element, place);
    fill(element, item);
  }
  for (const gone of there.values()) gone.remove();
}

// A table is there when it has rows; else the words that say there are none.
export function fillTable(id, items, keyOf, build, fill) {
  const table = at(id);
  show(table, items.length > 0);
  show(at(`${id}-none`), items.length === 0);
  keep(table.tBodies[0], items, keyOf, build, fill);
}

// Cells of a row, replaced where their text is another.
export function setCells(row, cells) {
  cells.forEach((cell, place) => {
    const old = row.children[place];
    if (!old) row.append(cell);
    else if (!old.isEqualNode(cell) && !old.contains(document.activeElement)) old.replaceWith(cell);
  });
}
