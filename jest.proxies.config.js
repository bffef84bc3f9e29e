import base from './jest.config.js';

/** `npm run test:proxies`: real proxies, one after the other. */
export default {
  ...base,
  roots: ['<rootDir>/test/proxies'],
  testPathIgnorePatterns: ['/node_modules/'],
  maxWorkers: 1,
};
