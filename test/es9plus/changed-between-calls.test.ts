// §2.6.4: a retried download never encrypts different bytes under the keys and counters of the first. Whatever an
// operator changes between two calls changes the keys; without a change, everything stays the same.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Euicc } from '../../src/device/euicc.ts';
import { personaliseFor } from '../../src/smdp/package/personalised-package.ts';
import { toPackageRow, toTemplateRow } from '../../src/smdp/package/sealed-package.ts';
import { fromRow } from '../../src/smdp/stock/subscription.ts';
import { BoundProfilePackage } from '../../src/rsp/definitions/bound-profile-package.ts';
import { encodeEid, parseTransactionId } from '../../src/rsp/identifiers.ts';
import { openBoundProfilePackage } from '../../src/rsp/profile-installation.ts';
import { createOneTimeKey } from '../../src/rsp/session-keys.ts';
import { defaultTemplate } from '../../src/saip/default-template.ts';
import { startTestServer } from '../server.ts';
import type { TestServer } from '../server.ts';
import {
  errorsLogged,
  fromBase64,
  NO_CONTENT,
  statusOf,
  stateOf,
  stepsOf,
  SUCCESS,
} from './calls.ts';
import type { Es9Reply, Steps } from './calls.ts';
import { newEuicc } from './phone.ts';

let server: TestServer;
before(async () => {
  server = await startTestServer({ es9: true, stock: 40 });
});
after(async () => {
  assert.deepEqual(errorsLogged(server), []);
  await server[Symbol.asyncDispose]();
});

const OTHER_TEMPLATE = { isim: true };

async function setTemplate(template: Uint8Array, metadata: object): Promise<void> {
  const { store, masterKey, now } = server.server.context;
  const place = { accountSid: server.account.username, profileType: 'default' };
  const row = toTemplateRow(template, place, JSON.stringify(metadata), masterKey, now());
  await store.transaction((tables) => tables.profilePackages.setTemplate(row));
}

/** Changes that can be made to an ordered profile. */
const CHANGES: Record<string, (sid: string) => Promise<void>> = {
  'the template': () => setTemplate(defaultTemplate(OTHER_TEMPLATE), {}),
  'the name that a phone shows': () => setTemplate(defaultTemplate(), { profileName: 'Another' }),
  'an icon, which makes the metadata longer than a segment': () => {
    const icon = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.alloc(1_000)]);
    return setTemplate(defaultTemplate(), { icon: icon.toString('base64') });
  },
  'a package that was imported': async (sid) => {
    const { store, masterKey, now } = server.server.context;
    const { subscription } = await stateOf(server, sid);
    const other = personaliseFor(
      fromRow(subscription!, masterKey),
      defaultTemplate({ ...OTHER_TEMPLATE, profileType: 'Imported' }),
    );
    const { account_sid: accountSid, iccid } = subscription!;
    const row = toPackageRow(other, { accountSid, iccid }, masterKey, now());
    await store.transaction((tables) => tables.profilePackages.set(row));
  },
  'the address for notifications': async () => {
    const { context } = server.server;
    context.config = { ...context.config, smdpAddress: context.config.smdpAddress.toUpperCase() };
  },
};

interface Opened {
  smdpOtpk: string;
  segments: string[];
  upp: Uint8Array;
  metadata: Uint8Array;
}

/** Opens a package with the eUICC's one-time key. */
function open({ json }: Es9Reply, { euicc, transactionId }: Steps): Opened {
  const der = fromBase64(json.boundProfilePackage);
  const bpp = BoundProfilePackage.decode(der);
  const kept = euicc.state.oneTimeKeys.at(-1)!;
  const opened = openBoundProfilePackage(der, {
    transactionId: parseTransactionId(transactionId)!,
    eid: encodeEid(euicc.eid),
    oneTimeKey: createOneTimeKey(kept.curve, Uint8Array.fromHex(kept.otsk)),
    smdpPublicKey: server.server.context.pki.identities[0]!.dpPb.certificate.publicKey,
  });
  const { smdpOtpk } = bpp.initialiseSecureChannelRequest.value;
  const encrypted = [
    ...bpp.firstSequenceOf87,
    ...(bpp.secondSequenceOf87 ?? []),
    ...bpp.sequenceOf86,
  ];
  return {
    smdpOtpk: smdpOtpk.toHex(),
    segments: encrypted.map((segment) => segment.toHex()),
    upp: opened.upp,
    metadata: opened.storeMetadataRequest.der,
  };
}

function assertOtherKeys(first: Opened, second: Opened): void {
  assert.ok(
    Buffer.compare(first.upp, second.upp) !== 0 ||
      Buffer.compare(first.metadata, second.metadata) !== 0,
    'something has changed',
  );
  assert.notEqual(second.smdpOtpk, first.smdpOtpk);
  const seen = new Set(first.segments);
  assert.ok(!second.segments.some((segment) => seen.has(segment)));
}

async function ordered() {
  const { context } = server.server;
  context.config = server.config;
  await setTemplate(defaultTemplate(), {});
  const order = await server.order({ GenerateMatchingId: 'true' });
  const euicc = newEuicc(server);
  return { order, euicc, ...(await downloaded(order, euicc)) };
}

async function downloaded(order: any, euicc: Euicc): Promise<{ steps: Steps; opened: Opened }> {
  const steps = await stepsOf(server, order.matching_id, euicc).begin();
  const reply = await steps.getPackage();
  assert.equal(reply.result, SUCCESS);
  return { steps, opened: open(reply, steps) };
}

describe('§2.6.4 a change between two calls:', () => {
  for (const [title, change] of Object.entries(CHANGES)) {
    test(`${title}; a retried download has other keys`, async () => {
      const { order, euicc, opened } = await ordered();
      await change(order.sid);
      const again = await downloaded(order, euicc);
      assert.equal(euicc.state.oneTimeKeys.length, 1, 'the eUICC has used its key again');
      assertOtherKeys(opened, again.opened);
      const result = again.steps.load(await again.steps.again('getBoundProfilePackage'));
      assert.equal((await again.steps.notify(result)).result, NO_CONTENT);
      assert.equal(await statusOf(server, order.sid), 'installed Installed');
    });

    test(`${title}; a repeated call has other keys, newly signed`, async () => {
      const { order, steps, opened } = await ordered();
      await change(order.sid);
      const reply = await steps.again('getBoundProfilePackage');
      assert.equal(reply.result, SUCCESS);
      assertOtherKeys(opened, open(reply, steps));
      assert.equal((await steps.notify(steps.load(reply))).result, NO_CONTENT);
      assert.equal(await statusOf(server, order.sid), 'installed Installed');
    });
  }

  test('nothing: both have the same segments', async () => {
    const { order, euicc, steps, opened } = await ordered();
    await setTemplate(defaultTemplate(), {});
    assert.deepEqual(open(await steps.again('getBoundProfilePackage'), steps), opened);
    const again = await downloaded(order, euicc);
    assert.deepEqual(again.opened, opened);
  });

  test('the profile, and back: the first keys protect the first bytes again', async () => {
    const { order, euicc, opened } = await ordered();
    await setTemplate(defaultTemplate(OTHER_TEMPLATE), {});
    assertOtherKeys(opened, (await downloaded(order, euicc)).opened);
    await setTemplate(defaultTemplate(), {});
    assert.deepEqual((await downloaded(order, euicc)).opened, opened);
  });
});
