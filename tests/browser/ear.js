// What a test listens with: every far end's audio, by its loudest frequency. And a
// microphone as it is: what makes speech clearer takes a steady tone for noise.
(() => {
  // some machines that test have nothing but loopback
  Object.defineProperty(navigator, "onLine", { get: () => true });

  const streams = [];
  const untouched = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
  const ask = navigator.mediaDevices?.getUserMedia.bind(navigator.mediaDevices);
  if (ask) navigator.mediaDevices.getUserMedia = (wanted) => ask({ ...wanted, audio: wanted.audio && untouched });

  const Plain = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Plain {
    constructor(...given) {
      super(...given);
      window.connection = this;
      this.addEventListener("track", ({ track }) => streams.push(new MediaStream([track])));
    }
  };

  let context, analyser, source, stream, sink;
  // Hz of what is heard now; 0 when it is quiet.
  window.pitch = async () => {
    context ??= new AudioContext({ sampleRate: 8000 });
    if (stream !== streams.at(-1)) {
      stream = streams.at(-1);
      source?.disconnect();
      // what nobody plays is not even decoded
      sink = Object.assign(new Audio(), { srcObject: stream, muted: true });
      sink.play().catch(() => {});
      analyser = new AnalyserNode(context, { fftSize: 2048, smoothingTimeConstant: 0 });
      source = context.createMediaStreamSource(stream);
      source.connect(analyser);
    }
    await new Promise((done) => setTimeout(done, 300));
    const levels = new Float32Array(analyser.frequencyBinCount);
    analyser.getFloatFrequencyData(levels);
    const loudest = levels.indexOf(Math.max(...levels));
    return levels[loudest] < -50 ? 0 : (loudest * context.sampleRate) / analyser.fftSize;
  };
})();
