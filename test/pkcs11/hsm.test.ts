// An HSM whose process crashes, hangs or is full, whose PIN is wrong, and whose keys must be found.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { createHash, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { environmentOfOthers } from '../../src/config.ts';
import { ReturnError } from '../../src/pkcs11/errors.ts';
import { Hsm } from '../../src/pkcs11/hsm.ts';
import type { HsmOptions } from '../../src/pkcs11/hsm.ts';
import { Library } from '../../src/pkcs11/library.ts';
import type { Opening } from '../../src/pkcs11/messages.ts';
import { Token } from '../../src/pkcs11/token.ts';
import type { CurveName } from '../../src/rsp/curve.ts';
import { curveNames } from '../../src/rsp/curve.ts';
import { isSignature } from '../../src/rsp/signature.ts';
import { eventually } from '../server.ts';
import { PIN, SOFTHSM, startSofthsm, withoutSofthsm } from './softhsm.ts';
import type { SoftHsm } from './softhsm.ts';

const DATA = Buffer.from('what is signed');
const DIGEST = createHash('sha256').update(DATA).digest();
const CLIENT = '/usr/lib/x86_64-linux-gnu/pkcs11/p11-kit-client.so';

/** More than a busy machine needs. */
const PATIENT = {
  callMs: 20_000,
  answerMs: 30_000,
  openMs: 30_000,
  firstPauseMs: 20,
  longestPauseMs: 200,
};

function verifies(spki: Uint8Array, signature: Uint8Array): boolean {
  const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
  return isSignature(key, signature, DATA);
}

describe('an HSM', { skip: withoutSofthsm }, () => {
  let soft: SoftHsm;
  const keys = {} as Record<CurveName, Uint8Array>;
  const lost: string[] = [];

  function openHsm(options: Partial<HsmOptions> = {}): Hsm {
    return new Hsm({
      module: SOFTHSM!,
      token: { token: 'test' },
      sessions: 2,
      readPin: async () => PIN,
      env: environmentOfOthers(),
      observer: { lost: (problem) => lost.push(problem) },
      limits: PATIENT,
      ...options,
    });
  }

  before(async () => {
    soft = await startSofthsm('test');
    await using hsm = openHsm({ isWriting: true });
    for (const curve of curveNames) {
      const { spki, isExtractable } = await hsm.do({ kind: 'generate', label: curve, curve });
      assert.equal(isExtractable, false);
      keys[curve] = spki!;
    }
  });
  after(() => soft[Symbol.asyncDispose]());

  for (const curve of curveNames) {
    test(`§2.6.7.2 signs with a key on ${curve}: r ‖ s over the SHA-256`, async () => {
      await using hsm = openHsm();
      const signatures = await Promise.all(
        Array.from({ length: 8 }, () => hsm.sign(keys[curve], DIGEST)),
      );
      assert.ok(signatures.every((signature) => verifies(keys[curve], signature)));
    });
  }

  test('without the key says so, and goes on', async () => {
    await using hsm = openHsm();
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    const other = publicKey.export({ format: 'der', type: 'spki' });
    await assert.rejects(hsm.sign(other, DIGEST), {
      problem: 'wrong',
      message:
        /^expected the private key of the certificate in the token with token 'test', serial .*; it has none$/,
    });
    assert.ok(verifies(keys.prime256v1, await hsm.sign(keys.prime256v1, DIGEST)));
  });

  test('whose process crashes has another one at once, and no request is lost', async () => {
    await using hsm = openHsm();
    await hsm.open();
    lost.length = 0;
    process.kill(hsm.pid!, 'SIGSTOP');
    const waiting = Array.from({ length: 10 }, () => hsm.sign(keys.prime256v1, DIGEST));
    process.kill(hsm.pid!, 'SIGKILL');
    for (const signature of await Promise.all(waiting))
      assert.ok(verifies(keys.prime256v1, signature));
    assert.deepEqual(lost, ['its process ended by SIGKILL']);
  });

  test('that does not return from a call is ended, and another process answers', async () => {
    await using hsm = openHsm({ limits: { ...PATIENT, callMs: 1_000 } });
    await hsm.open();
    lost.length = 0;
    const stopped = hsm.pid!;
    process.kill(stopped, 'SIGSTOP');
    assert.ok(verifies(keys.prime256v1, await hsm.sign(keys.prime256v1, DIGEST)));
    assert.equal(lost[0], 'a call of its module did not return within 1 s');
    assert.notEqual(hsm.pid, stopped);
  });

  test('too slow for what is asked of it keeps only so many requests waiting', async () => {
    await using hsm = openHsm({ sessions: 1 });
    await hsm.open();
    process.kill(hsm.pid!, 'SIGSTOP');
    const waiting = Array.from({ length: 251 }, () => hsm.sign(keys.prime256v1, DIGEST));
    await assert.rejects(hsm.sign(keys.prime256v1, DIGEST), {
      problem: 'away',
      message: 'the HSM is too slow: 250 requests wait for it',
    });
    process.kill(hsm.pid!, 'SIGCONT');
    assert.equal((await Promise.all(waiting)).length, 251);
  });

  test('whose process hangs does not keep the server from ending', async () => {
    const hsm = openHsm();
    await hsm.open();
    const { pid } = hsm;
    process.kill(pid!, 'SIGSTOP');
    const waiting = assert.rejects(hsm.sign(keys.prime256v1, DIGEST), { problem: 'away' });
    await hsm[Symbol.asyncDispose]();
    assert.throws(() => process.kill(pid!, 0), { code: 'ESRCH' });
    await waiting;
    await assert.rejects(hsm.sign(keys.prime256v1, DIGEST), { message: 'the server ends' });
  });

  test('is asked whether it is there while nobody needs it', async () => {
    await using hsm = openHsm({ limits: { ...PATIENT, idleMs: 50 } });
    await hsm.open();
    await soft.remove();
    try {
      process.kill(hsm.pid!, 'SIGKILL');
      await eventually(() => hsm.state.is === 'away' || undefined);
      await assert.rejects(hsm.sign(keys.prime256v1, DIGEST), { problem: 'away' });
    } finally {
      await soft.putBack();
    }
    await eventually(() => hsm.state.is === 'open' || undefined);
    assert.ok(verifies(keys.prime256v1, await hsm.sign(keys.prime256v1, DIGEST)));
  });

  test('that refuses the PIN gets it once, and another one when there is another', async () => {
    let pin = '9999';
    await using hsm = openHsm({ readPin: async () => pin });
    await assert.rejects(hsm.open(), {
      problem: 'pin',
      message: "the token 'test' refuses the PIN: C_Login returned CKR_PIN_INCORRECT",
    });
    const problemOf = ({ state }: Hsm) => (state.is === 'away' ? state.problem : '');
    await eventually(() => problemOf(hsm).includes('which is not tried again') || undefined);

    // A wrong PIN was given, so no server tries any, not even the right one.
    await using careful = openHsm();
    await assert.rejects(careful.open(), {
      problem: 'away',
      message:
        /^a wrong PIN was given for the token 'test', and more may lock it: .* simwright hsm test$/,
    });
    pin = PIN;
    await using deliberate = openHsm({ isDeliberate: true });
    assert.equal((await deliberate.open()).token.token, 'test');
    await eventually(() => (hsm.state.is === 'open' && careful.state.is === 'open') || undefined);
  });

  test('is recognised by its label or its serial, and never guessed', async () => {
    soft.addToken('twin');
    soft.addToken('twin');
    await using twin = openHsm({ token: { token: 'twin' } });
    const { message } = await twin.open().then(
      () => assert.fail('opened'),
      (error: Error) => error,
    );
    const [, serial] =
      /^expected one token with token 'twin'; there are 2: add serial=, one of (\w+), \w+$/.exec(
        message,
      )!;
    await using one = openHsm({ token: { serial: serial! } });
    assert.deepEqual((await one.open()).token.serial, serial);
    await using none = openHsm({ token: { token: 'Test' } });
    await assert.rejects(none.open(), {
      message: /^expected a token with token 'Test'; the module shows .*'test' \(serial \w+\)/,
    });
  });

  test('a module that is none is refused, not tried again and again by the server', async () => {
    await using hsm = openHsm({ module: import.meta.filename });
    await assert.rejects(hsm.open(), {
      problem: 'wrong',
      message: /is not a PKCS #11 module that can be loaded/,
    });
  });
});

describe('a token', { skip: withoutSofthsm }, () => {
  const opening: Opening = {
    kind: 'open',
    module: SOFTHSM ?? '',
    token: { token: 'test' },
    pin: PIN,
    sessions: 4,
    isWriting: true,
    isDeliberate: false,
  };

  /** The real module, some of whose answers are others. */
  function withOther(real: Library, other: Partial<Pick<Library, 'call' | 'template'>>): Library {
    const names = [
      'memory',
      'mechanism',
      'initializeArguments',
      'readWord',
      'readHandle',
      'writeWord',
      'wordBytes',
    ] as const;
    const methods = names.map((name) => [name, real[name].bind(real)]);
    return {
      ...Object.fromEntries(methods),
      file: real.file,
      word: real.word,
      call: real.call.bind(real),
      template: real.template.bind(real),
      ...other,
    } as Library;
  }

  test('CKR_SESSION_COUNT: works with the sessions that it has', async () => {
    await using tokens = await startSofthsm('test');
    const real = await Library.load(tokens.module);
    let opened = 0;
    const full = withOther(real, {
      async call(name, ...given) {
        if (name === 'C_OpenSession' && (opened += 1) > 2) throw new ReturnError(name, 0xb1);
        return real.call(name, ...given);
      },
    });
    const token = await Token.open(full, opening);
    try {
      assert.equal(token.info.sessions, 2);
      await signsSix(token);
    } finally {
      await token.close();
    }
  });

  test('CKA_ALWAYS_AUTHENTICATE: the PIN is given for each signature', async () => {
    await using tokens = await startSofthsm('test');
    const real = await Library.load(tokens.module);
    const asking = withOther(real, {
      // SENSITIVE is only in the template of a private key that is made.
      template: (attributes) =>
        real.template(
          attributes.some(([type]) => type === 0x103)
            ? [...attributes, [0x202, Uint8Array.of(1)]]
            : attributes,
        ),
    });
    const token = await Token.open(asking, opening);
    try {
      await signsSix(token);
    } finally {
      await token.close();
    }
  });

  test('its module stays loaded, whatever the collector frees', () => {
    const library = new URL('../../src/pkcs11/library.ts', import.meta.url).href;
    const program = `
      const { Library } = await import(${JSON.stringify(library)});
      const library = await Library.load(${JSON.stringify(SOFTHSM)});
      for (let round = 0; round < 5; round++) {
        globalThis.gc();
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      const answered = () => process.stdout.write('answered');
      await library.call('C_Initialize', [library.initializeArguments().pointer]).then(answered, answered);`;
    const args = ['--expose-gc', '--input-type=module', '--eval', program];
    const { stdout, signal } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    assert.deepEqual({ stdout, signal }, { stdout: 'answered', signal: null });
  });

  test('without public keys: the private key is the one whose signatures verify', async () => {
    await using tokens = await startSofthsm('test');
    const real = await Library.load(tokens.module);
    const writing = await Token.open(real, opening);
    const labels = ['one', 'two', 'three'];
    const made = await Promise.all(labels.map((label) => writing.generate(label, 'prime256v1')));
    await writing.generate('other', 'brainpoolP256r1');
    await writing.close();
    const CLASS_OF_NONE = Buffer.alloc(real.word, 0x7f);
    const bare = withOther(real, {
      template: (attributes) =>
        real.template(
          attributes.map(([type, value]) => [
            type,
            type === 0 && value[0] === 2 ? CLASS_OF_NONE : value,
          ]),
        ),
    });
    const token = await Token.open(bare, opening);
    try {
      for (const { spki } of made) assert.ok(verifies(spki!, await token.sign(spki!, DIGEST)));
      assert.ok((await token.keys()).every(({ spki }) => spki === undefined));
    } finally {
      await token.close();
    }
  });
});

const withoutRemote =
  withoutSofthsm ||
  ((!existsSync(CLIENT) || spawnSync('p11-kit', ['--version']).error !== undefined) &&
    'p11-kit is not installed here');

describe('an HSM behind a network', { skip: withoutRemote }, () => {
  test('that stops answering in the middle is away, and then comes back', async () => {
    await using soft = await startSofthsm('far');
    const address = join(soft.folder, 'socket');
    let isHeld = false;
    const sockets = new Set<Socket>();
    const link = createServer((near) => {
      const far = spawn('p11-kit', ['remote', SOFTHSM!], { stdio: ['pipe', 'pipe', 'inherit'] });
      sockets.add(near);
      near.on('error', () => {});
      near.on('close', () => far.kill());
      far.stdin.on('error', () => {});
      near.on('data', (chunk) => isHeld || far.stdin.write(chunk));
      far.stdout.on('data', (chunk: Buffer) => near.write(chunk));
    }).listen(address);
    await once(link, 'listening');
    const options = {
      module: CLIENT,
      token: { token: 'far' },
      sessions: 3,
      readPin: async () => PIN,
      env: { ...environmentOfOthers(), P11_KIT_SERVER_ADDRESS: `unix:path=${address}` },
    };
    let spki: Uint8Array;
    {
      await using writing = new Hsm({ ...options, isWriting: true, limits: PATIENT });
      ({ spki } = (await writing.do({ kind: 'generate', label: 'far', curve: 'prime256v1' })) as {
        spki: Uint8Array;
      });
    }
    await using hsm = new Hsm({
      ...options,
      limits: { ...PATIENT, callMs: 2_000, openMs: 2_000, answerMs: 3_000 },
    });
    const sign = () => hsm.sign(spki, DIGEST);
    assert.ok(
      (await Promise.all(Array.from({ length: 9 }, sign))).every((one) => verifies(spki, one)),
    );
    isHeld = true;
    for (const { reason } of (await Promise.allSettled(
      Array.from({ length: 5 }, sign),
    )) as PromiseRejectedResult[]) {
      assert.equal(reason.problem, 'away');
    }
    await eventually(() => hsm.state.is === 'away' || undefined);
    // At once, as nobody should wait for what is not there.
    await assert.rejects(sign(), { problem: 'away' });
    isHeld = false;
    await eventually(() => hsm.state.is === 'open' || undefined);
    assert.ok(verifies(spki, await sign()));
    for (const socket of sockets) socket.destroy();
    link.close();
  });
});

/** With a new key, at once. */
async function signsSix(token: Token): Promise<void> {
  const { spki } = await token.generate('key', 'prime256v1');
  const signatures = await Promise.all(Array.from({ length: 6 }, () => token.sign(spki!, DIGEST)));
  assert.ok(signatures.every((signature) => verifies(spki!, signature)));
}
