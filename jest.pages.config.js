import config from './jest.config.js';

/** What is seen in a browser: npm run test:pages. */
export default {
  ...config,
  roots: ['<rootDir>/test/pages'],
  testPathIgnorePatterns: ['/node_modules/'],
  maxWorkers: 1,
};
