/** Unit tests sit beside the code they describe; e2e cases run by their own command (see e2e/README.md). */
module.exports = {
  testEnvironment: 'node',
  // Most of the time a test waits for a compiler; jest itself would leave a core free.
  maxWorkers: '100%',
  roots: ['<rootDir>/plugin', '<rootDir>/executors', '<rootDir>/native/addon', '<rootDir>/architecture'],
  testMatch: ['**/*.spec.ts'],
  transform: { '\\.[cm]?[jt]s$': ['@swc/jest'] },
  // execa and what it stands on are ES modules only; jest runs CommonJS.
  transformIgnorePatterns: [],
  // One of them offers its exports under the condition `import` only, which jest's `require` does not ask for.
  moduleNameMapper: { '^unicorn-magic$': '<rootDir>/node_modules/unicorn-magic/node.js' },
};
