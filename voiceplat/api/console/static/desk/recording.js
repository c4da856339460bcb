// A recording: its picture, which is also where one jumps in it, and its sound.

import { ask } from "./api.js";
import { draw, make, say } from "./dom.js";
import { lasted, when } from "./time.js";

const PLAY = "M8 5v14l11-7z";
const PAUSE = "M8 5v14 M16 5v14";
const HEIGHT = 48;

export function recording(it) {
  const url = `/console/api/recording/${it.id}/file`;
  const audio = make("audio", { src: url, preload: "none" });
  const path = draw("path", { d: PLAY });
  const button = make("button", { type: "button", class: "round", "aria-label": "Play" }, draw("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" }, path));
  const whole = it.duration_ms / 1000;
  const place = make("input", { type: "range", min: 0, max: whole, step: 0.1, value: 0, "aria-label": "Place in the recording" });
  const time = make("span", { class: "time" }, `0:00 / ${lasted(whole)}`);
  const picture = draw("svg", { class: "waveform", preserveAspectRatio: "none", "aria-hidden": "true" });
  const sides = it.channels === "stereo" ? "left: the far end, right: what it hears" : "all parties in one";
  const said = [it.conference_name ? `room ${it.conference_name}` : "", when(it.started_at), lasted(whole), `${it.format}, ${sides}`].filter(Boolean).join(" · ");

  button.addEventListener("click", () => (audio.paused ? audio.play() : audio.pause()));
  place.addEventListener("input", () => (audio.currentTime = Number(place.value)));
  audio.addEventListener("play", () => look(PAUSE, "Pause"));
  audio.addEventListener("pause", () => look(PLAY, "Play"));
  audio.addEventListener("error", () => say(time, "cannot be played"));
  audio.addEventListener("timeupdate", () => {
    place.value = audio.currentTime;
    place.setAttribute("aria-valuetext", lasted(audio.currentTime));
    picture.style.setProperty("--played", `${(100 * audio.currentTime) / whole}%`);
    say(time, `${lasted(audio.currentTime)} / ${lasted(whole)}`);
  });
  function look(d, words) {
    path.setAttribute("d", d);
    button.setAttribute("aria-label", words);
  }

  ask(`recording/${it.id}/waveform`).then(({ channels }) => paint(picture, channels), () => {});
  return make(
    "li",
    {},
    make("p", { class: "quiet sub" }, said),
    make("div", { class: "player" }, button, make("div", { class: "sound" }, picture, place), time),
    make("p", { class: "sub" }, make("a", { href: url, download: `${it.id}.${it.format}` }, "Download")),
    audio,
  );
}

// One band for each channel, mirrored at its middle.
function paint(svg, channels) {
  if (!channels.length) return;
  const width = channels[0].length;
  svg.setAttribute("viewBox", `0 0 ${width} ${HEIGHT * channels.length}`);
  svg.dataset.channels = channels.length;
  channels.forEach((peaks, channel) => {
    const middle = HEIGHT * (channel + 0.5);
    const half = (peak) => Math.max(0.5, (peak / 100) * (HEIGHT / 2 - 1));
    const d = peaks.map((peak, x) => `M${x + 0.5} ${middle - half(peak)}V${middle + half(peak)}`).join("");
    svg.append(draw("path", { d, class: `band band-${channel}` }));
  });
}
