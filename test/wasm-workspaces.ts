/** What a test reads of an instance of the kernels. */
interface Workspace {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly packed?: { readonly value: number };
  readonly wipe?: () => void;
}
interface Constructor {
  Instance: new (module: object, imports: object) => { readonly exports: Workspace };
}

/**
 * Everything that is instantiated while `load` imports it, so that a test sees memory that no module exports.
 * @param load imports the kernels, for the first time in this process
 * @returns what was loaded, and the secret kernels' workspace
 */
export async function withSecretWorkspace<T>(
  load: () => Promise<T>,
): Promise<{ readonly loaded: T; readonly secret: Workspace }> {
  const wasm = (globalThis as unknown as { WebAssembly: Constructor }).WebAssembly;
  const Original = wasm.Instance;
  const workspaces: Workspace[] = [];
  wasm.Instance = class extends Original {
    constructor(module: object, imports: object) {
      super(module, imports);
      workspaces.push(this.exports);
    }
  };
  try {
    const loaded = await load();
    const secret = workspaces.find((one) => one.wipe !== undefined);
    if (!secret) throw new Error('the secret kernels were not loaded');
    return { loaded, secret };
  } finally {
    wasm.Instance = Original;
  }
}

/** A copy of the workspace, and where the packed chunk lies in it: what is sent, and may stay. */
export function copyOf({ memory, packed }: Workspace): { readonly bytes: Buffer; readonly packed: number } {
  if (!packed) throw new Error('a workspace without a packed chunk');
  return { bytes: Buffer.from(memory.buffer.slice(0)), packed: packed.value };
}
