/** One configuration for every test; suites that need a server ask `test/support/` for it, so that pure tests start at once. */
export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/{src,sandbox,test,scripts}/**/*.test.ts'],
  modulePathIgnorePatterns: ['<rootDir>/.tenure', '<rootDir>/.cache'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2024', parser: { syntax: 'typescript' } }, module: { type: 'es6' }, sourceMaps: 'inline' },
    ],
  },
  globalSetup: '<rootDir>/test/globalSetup.ts',
  globalTeardown: '<rootDir>/test/globalTeardown.ts',
  testTimeout: 30_000,
};
