// The twelve keys, wherever the page has a place for them.

const KEYS = [
  ["1", ""], ["2", "ABC"], ["3", "DEF"],
  ["4", "GHI"], ["5", "JKL"], ["6", "MNO"],
  ["7", "PQRS"], ["8", "TUV"], ["9", "WXYZ"],
  ["*", ""], ["0", "+"], ["#", ""],
];
const SPOKEN = { "*": "star", "#": "hash" };
const PLUS_AFTER_MS = 600;

export function fillKeypads(pressed) {
  for (const place of document.querySelectorAll("[data-keypad]")) {
    place.replaceChildren(...KEYS.map(([key, letters]) => button(key, letters, pressed)));
  }
}

function button(key, letters, pressed) {
  const made = document.createElement("button");
  made.type = "button";
  made.dataset.key = key;
  if (key in SPOKEN) made.setAttribute("aria-label", SPOKEN[key]);
  const small = document.createElement("small");
  small.textContent = letters;
  made.append(key, " ", small);
  let since = 0;
  made.addEventListener("pointerdown", () => {
    since = Date.now();
  });
  made.addEventListener("click", ({ detail }) => {
    const long = key === "0" && detail > 0 && Date.now() - since > PLUS_AFTER_MS;
    pressed(long && !made.closest("#call") ? "+" : key);
  });
  return made;
}
