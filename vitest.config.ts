import { defineConfig } from 'vitest/config';

const NEVER = ['**/node_modules/**', '**/dist/**', '**/.cache/**'];

export default defineConfig({
  test: {
    maxWorkers: 2,
    // A test that names no assertion proves nothing; a forgotten `.only` hides the rest.
    passWithNoTests: false,
    allowOnly: false,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: [...NEVER, 'test/boundary/**', 'test/package/**', 'test/e2e/**', 'test/long/**'],
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'boundary',
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
