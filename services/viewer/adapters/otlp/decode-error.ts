/** The bytes are not what their content type says. */
export class OtlpDecodeError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'OtlpDecodeError';
  }
}

/** Values nested deeper than this are refused: nobody means it, and the stack is finite. */
export const MAX_DEPTH = 32;
