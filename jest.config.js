import { availableParallelism } from 'node:os';

export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/test', '<rootDir>/local-cloud/test'],
  testMatch: ['**/*.test.ts'],
  // Suites of their own: npm run test:containers, npm run test:access, npm run test:proxies, npm run test:pages,
  // npm run test:console.
  testPathIgnorePatterns: [
    '/node_modules/',
    '<rootDir>/test/containers/',
    '<rootDir>/local-cloud/test/containers/',
    '<rootDir>/test/login/',
    '<rootDir>/test/proxies/',
    '<rootDir>/test/pages/',
    '<rootDir>/test/console/',
  ],
  // The local cloud as it was written, not as it was built last.
  testEnvironmentOptions: { customExportConditions: ['workbench-source', 'node', 'node-addons'] },
  // Much of it waits, for processes and for time to pass: no core is to be left idle.
  maxWorkers: 2 * availableParallelism(),
  maxConcurrency: 5,
  extensionsToTreatAsEsm: ['.ts'],
  // No test is about time, and a busy machine is no failure: whoever waits in vain gives up before this and says for what.
  testTimeout: 900_000,
  transform: { '\\.[tj]s$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } } }] },
};
