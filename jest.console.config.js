import config from './jest.config.js';

/** The console, clicked through in a browser: npm run test:console. */
export default {
  ...config,
  roots: ['<rootDir>/test/console'],
  testPathIgnorePatterns: ['/node_modules/'],
  maxWorkers: 1,
};
