// Small pictures of numbers.

import { draw, make } from "./dom.js";

const HEIGHT = 56;
const WIDTH = 4;
const GAP = 1;

// Bars by minute, the latest to the right; what went wrong at the foot, in red.
export function minutes(all, bad) {
  const most = Math.max(4, ...all);
  const svg = draw("svg", {
    viewBox: `0 0 ${all.length * (WIDTH + GAP)} ${HEIGHT}`,
    preserveAspectRatio: "none",
    class: "minutes",
    role: "img",
    "aria-label": `At most ${Math.max(...all)} calls in a minute; ${bad.reduce((sum, it) => sum + it, 0)} calls of the hour failed`,
  });
  all.forEach((calls, place) => {
    const bar = (count, kind) => {
      const height = count ? Math.max(2, (count / most) * (HEIGHT - 2)) : 0;
      return draw("rect", { x: place * (WIDTH + GAP), y: HEIGHT - height, width: WIDTH, height, class: kind });
    };
    svg.append(draw("rect", { x: place * (WIDTH + GAP), y: HEIGHT - 1, width: WIDTH, height: 1, class: "floor" }));
    if (calls) svg.append(bar(calls, "calls"));
    if (bad[place]) svg.append(bar(bad[place], "bad"));
  });
  return svg;
}

// A bar of a table: how much of the whole.
export function share(part, whole, tone) {
  const bar = make("i", { class: "share", "data-tone": tone });
  bar.style.width = `${whole ? Math.max(2, (100 * part) / whole) : 0}%`;
  return make("span", { class: "share-of", "aria-hidden": "true" }, bar);
}
