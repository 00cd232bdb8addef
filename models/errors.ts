/** Codes of models; each is also a code of the product's error table, which maps it to the wire. */
export type ModelErrorCode = 'NOT_FINITE' | 'SHAPE_MISMATCH' | 'VALUE_OUT_OF_RANGE';

/** The one error class of models: what was expected, what was got, what to do next. */
export class ModelError extends Error {
  readonly code: ModelErrorCode;
  readonly expected: string;
  readonly got: string;
  readonly next: string;

  constructor(code: ModelErrorCode, detail: { expected: string; got: string; next: string }) {
    super(`${code}: expected ${detail.expected}, got ${detail.got}`);
    this.name = 'ModelError';
    this.code = code;
    this.expected = detail.expected;
    this.got = detail.got;
    this.next = detail.next;
  }
}
