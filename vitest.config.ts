import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { APART } from './test/boundary/apart.ts';

const NEVER = ['**/node_modules/**', '**/dist/**', '**/.cache/**'];

/** Processes that tests start find there what Node made of the sources the last time: half the time of a short command. */
const env = { NODE_COMPILE_CACHE: fileURLToPath(new URL('.cache/compile', import.meta.url)) };

export default defineConfig({
  test: {
    maxWorkers: 2,
    // A test that names no assertion proves nothing; a forgotten `.only` hides the rest.
    passWithNoTests: false,
    allowOnly: false,
    projects: [
      {
        // A process runs many files: what each imports is loaded once. What a test replaces is put back after it.
        test: {
          name: 'unit',
          env,
          include: ['**/*.test.ts'],
          exclude: [...NEVER, ...APART, 'test/boundary/**', 'test/package/**', 'test/e2e/**', 'test/long/**'],
          isolate: false,
          restoreMocks: true,
          unstubEnvs: true,
          testTimeout: 30_000,
        },
      },
      {
        test: { name: 'unit-apart', env, include: APART, exclude: NEVER, testTimeout: 30_000 },
      },
      {
        test: {
          name: 'boundary',
          env,
          include: ['test/boundary/**/*.test.ts'],
          exclude: NEVER,
          testTimeout: 60_000,
        },
      },
      {
        // Not part of `npm test`: `npm run test:long`. Two files, so that two cores share the work.
        test: {
          name: 'long',
          include: ['test/long/**/*.test.ts'],
          exclude: NEVER,
          testTimeout: 7_200_000,
        },
      },
      {
        // Packs, installs and starts processes: one file at a time, so that two cores are enough.
        test: {
          name: 'e2e',
          env,
          include: ['test/e2e/**/*.test.ts', 'test/package/**/*.test.ts'],
          exclude: NEVER,
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
