/**
 * Unit tests that need a process of their own: they replace modules, look at the kernels from the first moment on, or
 * measure memory, of which a process also shows what the one that started it had. All others share processes.
 */
export const APART = [
  'coordinator/aggregation/sum-uploads.test.ts',
  'coordinator/audit/log-store.test.ts',
  'crypto/identity/make-folder.test.ts',
  'crypto/seal/secret/disposal.test.ts',
  'crypto/secret/kernels/wipe.test.ts',
  'crypto/secret/threads/serve.test.ts',
  'datasets/hostile-input.test.ts',
  'participant/api/bulk-client.test.ts',
  'protocol/codec/scan.test.ts',
];

/** What a test of that kind has in its text. */
export const NEEDS_A_PROCESS =
  /vi\.(do)?mock\(|\bWebAssembly: |withSecretWorkspace|sum-memory|resourceUsage|memoryUsage/i;
