// What is heard besides the far end, and how loud everything is.

const LEVEL_EVERY_MS = 80;
const QUIETEST_DB = -60;
const RINGING_HZ = [440, 480];
const RINGING_LOUDNESS = 0.08;
const RINGS_FOR_S = 1.2;
const RINGS_EVERY_MS = 3200;

let context = null;

function sound() {
  context ??= new AudioContext();
  if (context.state === "suspended") context.resume().catch(() => {});
  return context;
}

// Calls `show` with 0…1 until the function that it returns is called.
export function watchLevel(stream, show) {
  const source = sound().createMediaStreamSource(stream);
  const analyser = new AnalyserNode(sound(), { fftSize: 1024 });
  source.connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    const power = samples.reduce((sum, it) => sum + it * it, 0) / samples.length;
    const loud = 10 * Math.log10(power + 1e-10);
    show(Math.min(1, Math.max(0, 1 - loud / QUIETEST_DB)));
  }, LEVEL_EVERY_MS);
  return () => {
    clearInterval(timer);
    source.disconnect();
    show(0);
  };
}

// Rings until the function that it returns is called.
export function ring() {
  const once = () => {
    const now = sound().currentTime;
    const gain = new GainNode(sound(), { gain: 0 });
    gain.gain.setTargetAtTime(RINGING_LOUDNESS, now, 0.03);
    gain.gain.setTargetAtTime(0, now + RINGS_FOR_S - 0.2, 0.05);
    gain.connect(sound().destination);
    for (const frequency of RINGING_HZ) {
      const tone = new OscillatorNode(sound(), { frequency });
      tone.connect(gain);
      tone.start(now);
      tone.stop(now + RINGS_FOR_S);
    }
  };
  once();
  const timer = setInterval(once, RINGS_EVERY_MS);
  return () => clearInterval(timer);
}
