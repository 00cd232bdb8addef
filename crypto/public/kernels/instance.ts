import { instantiate } from './instantiate.ts';

/** This folder's kernels, once a thread; `ring.ts` and `share.ts` say what they export. */
export const instance: object = instantiate(new URL('./kernels.wasm', import.meta.url));
