/** The package carries no types. Pointers are byte offsets into the module's memory. */
declare module '@echogarden/fvad-wasm' {
  export type FvadModule = {
    readonly HEAP16: Int16Array;
    _malloc(bytes: number): number;
    _free(pointer: number): void;
    _fvad_new(): number;
    _fvad_free(detector: number): void;
    _fvad_set_mode(detector: number, mode: number): number;
    _fvad_set_sample_rate(detector: number, hertz: number): number;
    _fvad_process(detector: number, frame: number, samples: number): number;
  };
  export default function createModule(): Promise<FvadModule>;
}
