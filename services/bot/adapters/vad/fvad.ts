import createModule, { type FvadModule } from '@echogarden/fvad-wasm';
import type { VoiceActivity } from '../../domain/ports.ts';

const FRAME_SAMPLES = 160;
const SAMPLE_RATE_HZ = 8000;
/** 0 (lets most through) to 3 (most aggressive); 2 keeps quiet consonants and drops line hum. */
const MODE = 2;
/** Root mean square below this is silence whatever the detector's hang-over says: the end of speech must not be late. */
const SILENCE_RMS = 120;

/** Makes one voice activity detector a call (WebRTC's, compiled to WebAssembly). */
export type VoiceActivityFactory = () => VoiceActivity;

/** Loads the detector once for the process. */
export async function loadVoiceActivity(): Promise<VoiceActivityFactory> {
  const module: FvadModule = await createModule();
  return () => {
    const detector = module._fvad_new();
    module._fvad_set_mode(detector, MODE);
    module._fvad_set_sample_rate(detector, SAMPLE_RATE_HZ);
    const buffer = module._malloc(FRAME_SAMPLES * 2);
    let open = true;
    return {
      isSpeech(frame) {
        if (!open || frame.length !== FRAME_SAMPLES || rms(frame) < SILENCE_RMS) return false;
        module.HEAP16.set(frame, buffer >> 1);
        return module._fvad_process(detector, buffer, FRAME_SAMPLES) === 1;
      },
      close() {
        if (!open) return;
        open = false;
        module._free(buffer);
        module._fvad_free(detector);
      },
    };
  };
}

function rms(frame: Int16Array): number {
  let sum = 0;
  for (const sample of frame) sum += sample * sample;
  return Math.sqrt(sum / frame.length);
}
