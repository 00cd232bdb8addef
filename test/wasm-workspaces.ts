/** What a test reads of an instance of the kernels. */
interface Workspace {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly packed?: { readonly value: number };
  readonly wipe?: () => void;
  readonly wipeShare?: () => void;
}
interface Constructor {
  Instance: new (module: object, imports: object) => { readonly exports: Workspace };
}

/**
 * Everything that is instantiated while `load` imports it, so that a test sees memory that no module exports.
 * @param load imports the kernels, for the first time in this process
 * @returns what was loaded, the secret kernels' workspace, and that of the public ones, through which shares pass
 */
export async function withSecretWorkspace<T>(
  load: () => Promise<T>,
): Promise<{ readonly loaded: T; readonly secret: Workspace; readonly shares: Workspace }> {
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
    const shares = workspaces.find((one) => one.wipeShare !== undefined);
    if (!secret || !shares) throw new Error('the kernels were not loaded');
    return { loaded, secret, shares };
  } finally {
    wasm.Instance = Original;
  }
}

/** A copy of the workspace, and where the packed chunk lies in it: what is sent, and may stay. */
export function copyOf({ memory, packed }: Workspace): { readonly bytes: Buffer; readonly packed: number } {
  if (!packed) throw new Error('a workspace without a packed chunk');
  return { bytes: Buffer.from(memory.buffer.slice(0)), packed: packed.value };
}
