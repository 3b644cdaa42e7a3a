// Runs the complete receivers in docs/callbacks.md against the real server.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';
import { sign, standardHeaders } from '../../src/webhook/sign.ts';
import { eventually, startTestServer } from '../server.ts';
import type { TestServer } from '../server.ts';

const DOCS = join(import.meta.dirname, '../../docs');
const EXAMPLES = join(import.meta.dirname, '../../examples/callbacks');
const built = mkdtempSync(join(tmpdir(), 'simwright-receiver-'));
after(() => rmSync(built, { recursive: true, force: true }));

interface Language {
  name: string;
  file: string;
  fence: string;
  /** The command that runs the receiver; undefined if its language is not installed. */
  command(): string[] | undefined;
}

const isThere = (program: string, argument: string) => {
  const { error, status } = spawnSync(program, [argument]);
  return error === undefined && status === 0;
};

const LANGUAGES: Language[] = [
  {
    name: 'TypeScript',
    file: 'receiver.ts',
    fence: 'ts',
    command: () => [process.execPath, join(EXAMPLES, 'receiver.ts')],
  },
  {
    name: 'Python',
    file: 'receiver.py',
    fence: 'python',
    command: () =>
      isThere('python3', '--version') ? ['python3', join(EXAMPLES, 'receiver.py')] : undefined,
  },
  {
    name: 'Go',
    file: 'receiver.go',
    fence: 'go',
    command() {
      if (!isThere('go', 'version')) return undefined;
      // `go run` starts a child process, which would outlive the one that we end.
      const program = join(built, 'receiver');
      const { status, stderr } = spawnSync(
        'go',
        ['build', '-o', program, join(EXAMPLES, 'receiver.go')],
        { encoding: 'utf8' },
      );
      assert.equal(status, 0, stderr);
      return [program];
    },
  },
];

interface RunningReceiver extends AsyncDisposable {
  /** The CallbackUrl. */
  url: string;
  /** Its output since it started listening. */
  lines: string[];
}

async function startExample(
  command: string[],
  keys: { AUTH_TOKEN: string; CALLBACK_SECRET: string },
): Promise<RunningReceiver> {
  const [program, ...args] = command;
  const child = spawn(program!, args, {
    env: { PATH: process.env['PATH'], PORT: '0', ...keys },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = once(child, 'close');
  async function stop(): Promise<void> {
    child.kill();
    await closed;
  }
  const lines: string[] = [];
  createInterface(child.stdout).on('line', (line) => lines.push(line));
  try {
    const greeting = await eventually(() => lines.shift());
    const url = /CallbackUrl: (\S+)$/.exec(greeting)?.[1];
    assert.ok(url, greeting);
    return { url, lines, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

const shown = readFileSync(join(DOCS, 'callbacks.md'), 'utf8');

for (const language of LANGUAGES) {
  describe(`the receiver in ${language.name}`, () => {
    test('is shown unchanged in docs/callbacks.md', () => {
      const code = readFileSync(join(EXAMPLES, language.file), 'utf8');
      assert.ok(shown.includes(`\`\`\`${language.fence}\n${code}\`\`\`\n`));
    });

    const command = language.command();
    const skip = command === undefined && `${language.name} is not installed here`;

    describe('with the real server', { skip }, () => {
      let server: TestServer;
      let receiver: RunningReceiver;
      let secret: string;
      before(async () => {
        server = await startTestServer();
        const { json } = await server.request('/v1/Account/CallbackSecret');
        secret = json.secret;
        receiver = await startExample(command!, {
          AUTH_TOKEN: server.account.password,
          CALLBACK_SECRET: secret,
        });
      });
      after(async () => {
        await receiver?.[Symbol.asyncDispose]();
        await server?.[Symbol.asyncDispose]();
      });

      for (const method of ['POST', 'GET']) {
        test(`accepts genuine callbacks by ${method}, in order`, async () => {
          receiver.lines.length = 0;
          const { sid } = await server.order({
            GenerateMatchingId: 'true',
            CallbackUrl: `${receiver.url}?city=K%C3%B6ln&a=1`,
            CallbackMethod: method,
          });
          await eventually(() => (receiver.lines.length >= 2 ? true : undefined));
          assert.deepEqual(receiver.lines, [`reserving ${sid}`, `available ${sid}`]);
          const { account, server: running } = server;
          const settled = await eventually(async () => {
            const callbacks = await running.context.store.callbacks.list(account.username, {
              subject: sid,
              limit: 10,
            });
            return callbacks.every(({ state }) => state !== 'pending') ? callbacks : undefined;
          });
          assert.deepEqual(
            settled.map(({ state, attempts }) => [state, attempts]),
            [
              ['delivered', 1],
              ['delivered', 1],
            ],
          );
        });
      }

      const MINUTE_MS = 60_000;
      const keyOf = (text: string) => Buffer.from(text.replace('whsec_', ''), 'base64');

      interface Forgery {
        /** The parameters that are signed. */
        signed?: [string, string][];
        id?: string;
        key?: string;
        secrets?: string[];
        /** Since it was signed. */
        age?: number;
        headers?: Record<string, string>;
      }

      /** Calls as the server does, or a forger. */
      async function call(
        parameters: [string, string][],
        {
          signed = parameters,
          id = 'CB1',
          key = server.account.password,
          secrets = [secret],
          age = 0,
          headers,
        }: Forgery = {},
      ): Promise<number> {
        const content = new URLSearchParams(signed).toString();
        const { status } = await fetch(receiver.url, {
          method: 'POST',
          headers: {
            'X-Twilio-Signature': sign(key, receiver.url, signed),
            ...standardHeaders(secrets.map(keyOf), id, new Date(Date.now() - age), content),
            ...headers,
          },
          body: new URLSearchParams(parameters),
        });
        return status;
      }
      const TOLD: [string, string][] = [
        ['Status', 'installed'],
        ['ESimProfileSid', 'HP1'],
        ['ErrorMessage', ''],
      ];

      test('processes a repeated callback once, and accepts it both times', async () => {
        receiver.lines.length = 0;
        assert.equal(await call(TOLD, { id: 'CB2' }), 204);
        assert.equal(await call(TOLD, { id: 'CB2' }), 204);
        assert.equal(await call(TOLD, { id: 'CB3' }), 204);
        await eventually(() => (receiver.lines.length >= 2 ? true : undefined));
        assert.deepEqual(receiver.lines, ['installed HP1', 'installed HP1']);
      });

      test('refuses a forged one: by another token, altered, moved, unsigned', async () => {
        receiver.lines.length = 0;
        const altered: [string, string][] = TOLD.with(0, ['Status', 'failed']);
        assert.equal(await call(TOLD, { key: 'another token' }), 403);
        assert.equal(await call(altered, { signed: TOLD }), 403);
        assert.equal(await call([...TOLD, ['Eid', '1']], { signed: TOLD }), 403);
        const unsigned = await fetch(receiver.url, {
          method: 'POST',
          body: new URLSearchParams(TOLD),
        });
        assert.equal(unsigned.status, 403);
        const moved = await fetch(`${receiver.url}/elsewhere`, {
          method: 'POST',
          headers: { 'X-Twilio-Signature': sign(server.account.password, receiver.url, TOLD) },
          body: new URLSearchParams(TOLD),
        });
        assert.equal(moved.status, 403);
        await eventually(() => (receiver.lines.length >= 5 ? true : undefined));
        assert.deepEqual(
          new Set(receiver.lines),
          new Set(['refused: wrong signature, or too old']),
        );
      });

      test('Standard Webhooks: refuses a replay after five minutes, another secret, another id; accepts one of two signatures', async () => {
        receiver.lines.length = 0;
        const other = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
        assert.equal(await call(TOLD, { id: 'CB4', age: 4 * MINUTE_MS }), 204);
        assert.equal(await call(TOLD, { id: 'CB5', secrets: [other, secret] }), 204);
        await eventually(() => (receiver.lines.length >= 2 ? true : undefined));
        for (const forgery of [
          { age: 6 * MINUTE_MS },
          { age: -6 * MINUTE_MS },
          { secrets: [other] },
          { secrets: [] },
          { headers: { 'webhook-id': 'CB6' } },
          { headers: { 'webhook-timestamp': 'soon' } },
        ]) {
          assert.equal(await call(TOLD, forgery), 403, JSON.stringify(forgery));
        }
        await eventually(() => (receiver.lines.length >= 8 ? true : undefined));
      });

      test('does not take a test for a change', async () => {
        receiver.lines.length = 0;
        assert.equal(await call([['Test', 'true'], ...TOLD], { id: 'CB7' }), 204);
        assert.equal(await eventually(() => receiver.lines[0]), 'test');
      });
    });
  });
}
