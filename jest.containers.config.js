import base from './jest.config.js';

/** `npm run test:containers`: one after the other, since they share the engine and its processors. */
export default {
  ...base,
  roots: ['<rootDir>/test/containers', '<rootDir>/local-cloud/test/containers'],
  testPathIgnorePatterns: ['/node_modules/'],
  maxWorkers: 1,
};
