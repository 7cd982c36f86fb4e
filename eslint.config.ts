import tseslint from 'typescript-eslint';

/** `from` may import only what matches `allowed` (and itself); types are free where they carry no code into a bundle. */
const only = (allowed: string, message: string): Record<string, ['error', object]> => ({
  '@typescript-eslint/no-restricted-imports': ['error', { patterns: [{ regex: `^(?!${allowed})`, message }] }],
});

const TYPED = ['src/**/*.ts', 'sandbox/**/*.ts', 'test/**/*.ts', 'scripts/**/*.ts', '*.ts'];

export default tseslint.config(
  { ignores: ['node_modules', '.tenure', '.cache', 'coverage', '**/*.mjs'] },
  {
    files: TYPED,
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      // Finds an async update validator: it can never refuse, and when it throws it fails the workflow task.
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/require-await': 'off',
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true } }],
    },
  },
  {
    files: ['*.config.ts', 'test/globalSetup.ts', 'test/globalTeardown.ts'],
    rules: { 'no-restricted-exports': 'off' },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/cli/**', 'src/**/*.test.ts'],
    rules: { 'no-console': 'error' },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/config/**', 'src/**/*.test.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Only src/config reads the environment.' },
      ],
    },
  },
  // The arrows of the house (docs/architecture.md) point down only.
  {
    files: ['src/domain/**/*.ts'],
    ignores: ['**/*.test.ts'],
    rules: only('\\./[^/]+$', 'domain imports nothing outside itself.'),
  },
  {
    files: ['src/workflows/**/*.ts'],
    ignores: ['**/*.test.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: '^(?!(@temporalio/(workflow|common)|\\./[^/]+|\\.\\./domain/[^/]+)$)',
              allowTypeImports: true,
              message: 'Workflow code imports @temporalio/workflow, domain/ and types only: no zod, no YAML, no Node.',
            },
          ],
        },
      ],
      'no-restricted-globals': ['error', 'process', 'Buffer', 'fetch', 'setInterval', 'require'],
    },
  },
  {
    files: ['src/provisioning/**/*.ts'],
    ignores: ['**/*.test.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: '^@temporalio/|/(workflows|workers|cli|web)/',
              message: 'The engine knows no Temporal and nothing above it.',
            },
            {
              regex: '/activities/',
              allowTypeImports: true,
              message: 'The engine takes only types from the activities.',
            },
          ],
        },
      ],
    },
  },
  {
    files: ['src/activities/**/*.ts'],
    ignores: ['**/*.test.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: '^@temporalio/(workflow|worker)|/(workflows|workers|cli|web)/',
              message: 'Activities know the engine below them, not the stories and processes above.',
            },
          ],
        },
      ],
    },
  },
  {
    files: ['src/systems/**/*.ts', 'src/ledger/**/*.ts', 'src/policy/**/*.ts'],
    ignores: ['**/*.test.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: '^@temporalio/|/(workflows|workers|cli|web|activities|provisioning)/',
              message: 'systems, ledger and policy import domain and each other’s ports only.',
            },
          ],
        },
      ],
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/local/**', '**/*.test.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [{ regex: '(^|/)(sandbox|test)/', message: 'src knows neither stand-ins nor tests.' }],
          paths: ['node:process', 'process'].map((name) => ({
            name,
            message: 'Only src/config reads the environment.',
          })),
        },
      ],
    },
  },
  // The rules above see no import that happens at run time.
  {
    files: ['domain', 'workflows', 'policy', 'systems', 'provisioning', 'activities'].map(
      (name) => `src/${name}/**/*.ts`,
    ),
    ignores: ['**/*.test.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        { selector: 'ImportExpression', message: 'Import at the top, where the arrows are checked.' },
      ],
    },
  },
  {
    files: ['sandbox/**/*.ts'],
    rules: {
      // Stand-ins take any JSON; what is no text is judged by the contract, not by its type.
      '@typescript-eslint/no-base-to-string': 'off',
      'no-restricted-imports': [
        'error',
        { patterns: [{ regex: '(^|/)src/', message: 'A stand-in shares no code with the client it serves.' }] },
      ],
      'no-restricted-syntax': [
        'error',
        {
          selector: 'ImportExpression[source.value=/src\\u002F/]',
          message: 'A stand-in shares no code with the client it serves.',
        },
      ],
    },
  },
  {
    files: ['test/chaos/oracle*.ts', 'test/chaos/oracle/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ regex: '(^|/)src/', message: 'The oracle believes nothing that Tenure says of itself.' }] },
      ],
    },
  },
);
