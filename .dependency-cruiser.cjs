/**
 * Who may import whom, as data. Arrows point down only; see docs/ARCHITECTURE.md. Type-only imports count.
 */
const mayImport = {
  lib: [],
  domain: ['lib'],
  contracts: ['domain', 'lib'],
  data: ['lib', 'domain', 'contracts'],
  gateways: ['lib', 'domain', 'contracts'],
  jobs: ['lib', 'data'],
  flows: ['lib', 'contracts', 'domain', 'data', 'gateways', 'jobs'],
  queries: ['lib', 'contracts', 'domain', 'data'],
  web: ['lib', 'contracts', 'domain', 'flows', 'queries'],
  edge: ['lib', 'contracts', 'domain', 'flows', 'queries', 'web'],
  components: ['lib', 'contracts', 'domain'],
  routes: ['lib', 'contracts', 'domain', 'flows', 'queries', 'web', 'components'],
};

/** Each vendor library has one home. */
const homes = {
  '@prisma/': ['data'],
  pg: ['data'],
  '@shopify/shopify-api': ['gateways'],
  '@aws-sdk/': ['gateways'],
  'google-auth-library': ['gateways'],
  nodemailer: ['gateways'],
  'passkit-generator': ['gateways'],
  sharp: ['gateways'],
  '@resvg/': ['gateways'],
  '@shopify/polaris': ['components', 'routes'],
  '@remix-run/': ['routes', 'components', 'edge', 'web'],
};

const layers = Object.entries(mayImport).map(([layer, below]) => ({
  name: `layer-${layer}`,
  severity: 'error',
  from: { path: `^app/${layer}/` },
  to: { path: '^(app|workers|extensions|test|prisma)/', pathNot: `^app/(${[layer, ...below].join('|')})/` },
}));

const vendors = Object.entries(homes).map(([library, owners]) => ({
  name: `only-${owners.join('-and-')}-imports-${library.replaceAll('/', '')}`,
  severity: 'error',
  from: { path: '^(app|workers)/', pathNot: `^app/((${owners.join('|')})/|root\\.tsx|entry\\.|routes\\.ts)` },
  to: { path: `node_modules/${library}${library.endsWith('/') ? '' : '(/|$)'}` },
}));

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    ...layers,
    {
      name: 'workers-see-flows-jobs-and-lib',
      severity: 'error',
      from: { path: '^workers/' },
      to: { path: '^(app|extensions|test)/', pathNot: '^app/(lib|jobs|flows)/' },
    },
    {
      name: 'extensions-see-contracts',
      severity: 'error',
      from: { path: '^extensions/', pathNot: '(/tests/|^extensions/build\\.ts)' },
      to: { path: '^(app|workers|test|prisma)/', pathNot: '^app/contracts/' },
    },
    {
      name: 'prisma-stands-alone',
      severity: 'error',
      from: { path: '^prisma/' },
      to: { path: '^(app|workers|extensions|test)/', pathNot: '^app/lib/' },
    },
    {
      name: 'the-product-does-not-import-tests',
      severity: 'error',
      from: { path: '^(app|workers|prisma)/' },
      to: { path: '^test/' },
    },
    {
      name: 'flows-do-not-call-flows',
      severity: 'error',
      from: { path: '^app/flows/' },
      to: { path: '^app/flows/' },
    },
    {
      name: 'domain-and-contracts-are-pure',
      severity: 'error',
      from: { path: '^app/(domain|contracts)/' },
      to: { dependencyTypes: ['core', 'npm', 'npm-dev', 'npm-optional'], pathNot: 'node_modules/zod/' },
    },
    ...vendors,
    {
      name: 'the-queue-lives-in-workers',
      severity: 'error',
      from: { path: '^(app|workers)/', pathNot: '^workers/' },
      to: { path: 'node_modules/graphile-worker/' },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(build|app/data/generated)/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      mainFields: ['module', 'main', 'types'],
    },
  },
};
