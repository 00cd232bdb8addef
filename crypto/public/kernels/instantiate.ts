import { readFileSync } from 'node:fs';

/** What is used of the WebAssembly JavaScript interface (W3C); the `types` of this project have no DOM library. */
interface WebAssemblyInterface {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: object };
}

const wasm = (globalThis as unknown as { readonly WebAssembly: WebAssemblyInterface }).WebAssembly;

/**
 * Loads a kernel module that imports nothing.
 * @param url of a `kernels.wasm`, relative to the caller's `import.meta.url`
 * @returns its exports; the caller states their type
 */
export function instantiate(url: URL): object {
  return new wasm.Instance(new wasm.Module(readFileSync(url)), {}).exports;
}
