import { defineConfig, type DummyRuleMap, type OxlintConfig } from 'oxlint';
import { importRules } from './test/boundary/lint-rules.ts';

const OFF_BY_CHOICE: DummyRuleMap = {
  // Work in rounds is in sequence on purpose.
  'no-await-in-loop': 'off',
  // A default import under another name than its export is how `typebox` is documented.
  'import/no-named-as-default': 'off',
  'import/no-named-as-default-member': 'off',
  // Sorting or reversing an array made in the same expression is plain and cheap.
  'unicorn/no-array-sort': 'off',
  'unicorn/no-array-reverse': 'off',
  'oxc/no-map-spread': 'off',
  'unicorn/consistent-function-scoping': 'off',
  // `new Array<number>(32)` says with its type that 32 is a length.
  'unicorn/no-new-array': 'off',
  // About Express, which does not wait for handlers; Fastify does.
  'oxc/no-async-endpoint-handlers': 'off',
  'no-shadow': 'off',
  // TypeScript checks it (`strict`), and exhaustive switches need no last return.
  'typescript/consistent-return': 'off',
  'typescript/no-unsafe-type-assertion': 'off',
};

const STRICT: DummyRuleMap = {
  eqeqeq: 'error',
  'no-var': 'error',
  'prefer-const': 'error',
  'no-console': 'error',
  'max-lines': ['error', { max: 400 }],
  'no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrors: 'none' }],
  'import/no-cycle': ['error', { ignoreTypes: true }],
  'typescript/ban-ts-comment': 'error',
  'typescript/consistent-type-imports': 'error',
  'typescript/no-deprecated': 'error',
  'typescript/no-explicit-any': 'error',
  'typescript/no-floating-promises': 'error',
  'typescript/no-misused-promises': 'error',
  'typescript/no-non-null-assertion': 'error',
  'typescript/no-unsafe-argument': 'error',
  'typescript/no-unsafe-assignment': 'error',
  'typescript/no-unsafe-call': 'error',
  'typescript/no-unsafe-member-access': 'error',
  'typescript/no-unsafe-return': 'error',
  'typescript/only-throw-error': 'error',
  'typescript/return-await': 'error',
  'typescript/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
};

const config: OxlintConfig = defineConfig({
  plugins: ['typescript', 'unicorn', 'oxc', 'import', 'promise', 'node'],
  categories: { correctness: 'error', suspicious: 'error', perf: 'error' },
  env: { builtin: true, node: true },
  options: { typeAware: true, reportUnusedDisableDirectives: 'error' },
  // Scripts among vectors run in a folder of their own, with tools that the project does not have.
  ignorePatterns: ['dist', '.cache', '**/kernels/assembly/**', '**/vectors/*.js'],
  rules: { ...STRICT, ...OFF_BY_CHOICE },
  overrides: [
    ...importRules(),
    {
      // What must be replayable takes its clock and its randomness from the caller.
      files: ['protocol/**', 'crypto/**', 'models/**'],
      rules: {
        'no-restricted-properties': [
          'error',
          { object: 'Math', property: 'random', message: 'Take the randomness as a parameter.' },
          { object: 'Date', property: 'now', message: 'Take the clock as a parameter.' },
        ],
      },
    },
    { files: ['cli/**', 'scripts/**'], rules: { 'no-console': 'off' } },
    {
      files: ['scripts/**'],
      // Plain JavaScript without types: what comes from JSON.parse is `any` here.
      rules: {
        'typescript/no-unsafe-argument': 'off',
        'typescript/no-unsafe-assignment': 'off',
        'typescript/no-unsafe-call': 'off',
        'typescript/no-unsafe-member-access': 'off',
        'typescript/no-unsafe-return': 'off',
      },
    },
    {
      files: ['**/*.test.ts', 'test/**'],
      // A test may import anything and looks at what it has just parsed.
      rules: {
        'no-restricted-imports': 'off',
        'no-restricted-properties': 'off',
        'typescript/no-non-null-assertion': 'off',
        'typescript/no-unsafe-assignment': 'off',
        'typescript/no-unsafe-member-access': 'off',
        'typescript/no-unsafe-argument': 'off',
      },
    },
  ],
});

export default config;
