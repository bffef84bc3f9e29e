import base from './jest.config.js';

/** `npm run test:access`: a real provider, and Chromium where it is installed. */
export default {
  ...base,
  roots: ['<rootDir>/test/login'],
  testPathIgnorePatterns: ['/node_modules/'],
  maxWorkers: 2,
};
