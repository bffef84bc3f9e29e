import { Compiler } from '@swc/core';
import visitor from '@swc/core/Visitor.js';

// dependency-cruiser reads TypeScript through swc, whose visitor doesn't know `using` yet.
const { visitStatement } = visitor.Visitor.prototype;
visitor.Visitor.prototype.visitStatement = function (statement) {
  if (statement.type !== 'UsingDeclaration') return visitStatement.call(this, statement);
  statement.decls = this.visitVariableDeclarators(statement.decls);
  return statement;
};

// Nor does it tell swc which files have markup in them.
const { parseFileSync } = Compiler.prototype;
Compiler.prototype.parseFileSync = function (path, options) {
  return parseFileSync.call(this, path, { ...options, tsx: path.endsWith('.tsx') });
};

/**
 * The layout: what may import what of `src`, by how its path begins; of its own kind, each anything. What lies in a room
 * of a room obeys both.
 */
const rooms = {
  'main.ts': ['compose.ts', 'config', 'doctor/', 'http/', 'lib/'],
  'compose.ts': ['config', 'localCloud.ts', 'http/', 'gateway/', 'access/', 'aws/', 'workbench/', 'lib/'],
  config: ['access/', 'workbench/', 'lib/'],
  'localCloud.ts': ['config', 'lib/'],
  'doctor/': ['config', 'localCloud.ts', 'access/', 'aws/', 'lib/'],
  'http/': ['gateway/', 'access/', 'workbench/', 'lib/'],
  'gateway/': ['access/', 'workbench/', 'lib/'],
  // All of it runs in browsers.
  'console/': ['client/', 'workbench/model/fargateSizes.ts'],
  'client/': ['http/schemas/'],
  'access/': ['workbench/', 'lib/'],
  'aws/': ['workbench/model/', 'workbench/ports.ts', 'lib/'],
  'workbench/': ['lib/'],
  'workbench/model/': ['lib/'],
  'workbench/ports.ts': ['workbench/model/', 'lib/'],
  'workbench/commands/': ['workbench/model/', 'workbench/ports.ts', 'lib/'],
  'workbench/cache/': ['workbench/model/', 'workbench/ports.ts', 'lib/'],
  'lib/': [],
};

const localCloud = '^local-cloud/';

const within = (paths) => `^src/(?:${paths.map((path) => path.replaceAll('.', '\\.')).join('|')})`;

const layout = Object.entries(rooms).map(([room, others]) => ({
  name: `imports-of-${room.replace(/\.ts$|\/$/, '').replaceAll('/', '-')}`,
  from: { path: within([room]) },
  to: { path: '^src/', pathNot: within([room, ...others]) },
}));

/** Of `src`, these files alone know that. */
const only = (name, files, that) => ({
  name,
  from: { path: '^src/', pathNot: files },
  to: { path: that },
});

const forbidden = [
  ...layout,
  { name: 'has-a-room', from: { path: '^src/', pathNot: within(Object.keys(rooms)) }, to: {} },
  only('only-http-knows-express', '^src/http/', '^node_modules/(?:express|cors)/'),
  only('only-aws-knows-the-sdk', '^src/(?:aws|doctor)/', '^node_modules/@(?:aws-sdk|smithy)/'),
  only('only-main-touches-the-process', '^src/(?:main|lib/logger)\\.ts$', '^process$'),
  only('only-one-file-starts-the-local-cloud', '^src/localCloud\\.ts$', localCloud),
  {
    name: 'local-cloud-stands-alone',
    from: { path: localCloud },
    to: { path: '^(?:src|test|bench)/' },
  },
  {
    name: 'source-needs-no-tests',
    from: { path: '^(?:src|local-cloud/src)/' },
    to: { path: '^(?:local-cloud/)?(?:test|bench)/' },
  },
  {
    name: 'source-needs-no-development-packages',
    // The build makes one file of the console and what it needs.
    from: { path: '^(?:src|local-cloud/src)/', pathNot: '^src/console/' },
    to: { dependencyTypes: ['npm-dev'] },
  },
  { name: 'no-cycles', from: {}, to: { circular: true } },
  { name: 'all-can-be-found', from: {}, to: { couldNotResolve: true } },
];

export default {
  forbidden: forbidden.map((rule) => ({ ...rule, severity: 'error' })),
  options: {
    parser: 'swc',
    doNotFollow: { path: ['node_modules', '^local-cloud/dist/'] },
    // What is built, and what the browser finds by itself.
    exclude: { path: ['^bench/\\.build/', '/webWorkbench/page/'] },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['workbench-source', 'import', 'node', 'default', 'types'],
    },
  },
};
