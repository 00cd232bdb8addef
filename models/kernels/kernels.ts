/**
 * Loader of the training kernels (assembly/index.ts, compiled to kernels.wasm) and a bump allocator over their memory.
 * Bits are reproducible: WebAssembly fixes every rounding, no relaxed SIMD is used, and exp and log are software.
 */
import { readFileSync } from 'node:fs';
import { ModelError } from '../errors.ts';

interface WasmMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** The part of the WebAssembly API in use; the compiler's lib has it only together with the DOM. */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: object) => { readonly exports: unknown };
};

/** Byte offsets into the memory; sizes in values. See assembly/index.ts for what each does. */
export interface KernelFunctions {
  readonly memory: WasmMemory;
  heapBase(): number;
  denseForward(x: number, w: number, b: number, out: number, n: number, d: number, h: number): void;
  denseAdd(x: number, w: number, out: number, n: number, d: number, h: number): void;
  denseBackwardWeights(x: number, dz: number, dw: number, db: number, n: number, d: number, h: number): void;
  denseBackwardInput(dz: number, w: number, dx: number, n: number, d: number, h: number): void;
  meanRows(start: number, column: number, x: number, out: number, from: number, to: number, h: number): void;
  meanRowsBackward(
    backStart: number,
    backColumn: number,
    start: number,
    dOut: number,
    dx: number,
    from: number,
    to: number,
    h: number,
  ): void;
  gruForward(a: number, u: number, state: number, next: number, rows: number, h: number): void;
  gruBackward(
    gates: number,
    u: number,
    state: number,
    dNext: number,
    da: number,
    du: number,
    dState: number,
    rows: number,
    h: number,
  ): void;
  add(sum: number, v: number, length: number): void;
  tanh(x: number, out: number, length: number): void;
  relu(a: number, length: number): void;
  reluBackward(a: number, grad: number, length: number): void;
  expNegative(x: number): number;
  logOnePlus(u: number): number;
  sigmoid(z: number, out: number, length: number): void;
  bceWithLogits(z: number, y: number, weight: number, grad: number, n: number): number;
  adam(
    w: number,
    g: number,
    m: number,
    v: number,
    length: number,
    rate: number,
    beta1: number,
    beta2: number,
    epsilon: number,
    correction1: number,
    correction2: number,
  ): void;
  sumOfSquares(x: number, length: number): number;
  roundedSquares(x: number, bits: number, length: number, factor: number, offset: number): number;
  saturated(): number;
  quantise(x: number, bits: number, out: number, length: number, factor: number, offset: number): void;
  applyMean(
    w: number,
    sum: number,
    next: number,
    length: number,
    shift: number,
    divisor: number,
    most: number,
  ): number;
}

const PAGE = 65_536;
/** 32-bit addresses. */
const MAX_BYTES = 65_535 * PAGE;

let compiled: object | undefined;

/**
 * Instances that were given back. A new one costs more than the training of a small model: an address space, and a page
 * fault for every page of its memory that is touched.
 */
const idle: Kernels[] = [];
/** Instances and bytes of each that are kept; what a large model took goes back to the system. */
const KEPT = { instances: 2, bytes: 4 * 1024 * 1024 };

/** One instance of the kernels with a memory of its own. Views are valid until the next `allocate`. */
export class Kernels {
  readonly run: KernelFunctions;
  readonly #base: number;
  #top: number;
  /** What was taken at most since the instance was had. */
  #highest: number;

  /** An instance that nobody else has, with nothing allocated; to be given back with `release`. */
  static take(): Kernels {
    return idle.pop() ?? new Kernels();
  }

  constructor() {
    compiled ??= new WebAssembly.Module(readFileSync(new URL('./kernels.wasm', import.meta.url)));
    this.run = new WebAssembly.Instance(compiled, {}).exports as KernelFunctions;
    this.#base = align(this.run.heapBase());
    this.#top = this.#base;
    this.#highest = this.#base;
  }

  /**
   * Lets somebody else have the instance: its taker touches it no more. Memory of up to 4 MB is overwritten; that of a
   * larger one goes back to the system. A second time it does nothing, as long as nobody else has it.
   */
  release(): void {
    // Twice among the idle it would be given to two at once.
    if (idle.includes(this)) return;
    const { buffer } = this.run.memory;
    if (buffer.byteLength > KEPT.bytes) return;
    new Uint8Array(buffer, this.#base, this.#highest - this.#base).fill(0);
    this.#top = this.#base;
    this.#highest = this.#base;
    if (idle.length < KEPT.instances) idle.push(this);
  }

  /** Byte offset of `length` float32 values, zeroed. Throws ModelError VALUE_OUT_OF_RANGE beyond 4 GiB. */
  allocate(length: number): number {
    const offset = this.#top;
    const end = offset + align(length * 4);
    if (!Number.isSafeInteger(length) || length < 0 || end > MAX_BYTES) {
      throw new ModelError('VALUE_OUT_OF_RANGE', {
        expected: 'tensors that fit into 4 GiB together',
        got: `${length} more float32 values`,
        next: 'use a smaller batch or a smaller model',
      });
    }
    const missing = Math.ceil((end - this.run.memory.buffer.byteLength) / PAGE);
    if (missing > 0) this.run.memory.grow(missing);
    this.#top = end;
    this.#highest = Math.max(this.#highest, end);
    this.view(offset, length).fill(0);
    return offset;
  }

  /** `length` float32 values at a byte offset. */
  view(offset: number, length: number): Float32Array<ArrayBuffer> {
    return new Float32Array(this.run.memory.buffer, offset, length);
  }

  /** Allocates and copies. */
  place(values: Float32Array): number {
    const offset = this.allocate(values.length);
    this.view(offset, values.length).set(values);
    return offset;
  }

  /** The same for indices. */
  placeIndices(values: Uint32Array): number {
    const offset = this.allocate(values.length);
    new Uint32Array(this.run.memory.buffer, offset, values.length).set(values);
    return offset;
  }

  /** How far the memory is taken, for `rewind`. */
  mark(): number {
    return this.#top;
  }

  /** Gives back whatever was allocated since the mark was had. */
  rewind(mark: number): void {
    this.#top = mark;
  }
}

function align(bytes: number): number {
  return Math.ceil(bytes / 16) * 16;
}
