// §3.6.2, §5.8: event retrieval by the phone, with an SM-DS that verifies everything.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { DeviceError, EuiccError } from '../../src/device/device-error.ts';
import { Es9PlusError } from '../../src/device/es9plus.ts';
import { startSmds } from '../smds/smds.ts';
import type { Smds } from '../smds/smds.ts';
import { issueUnder } from '../smds/smds-certificates.ts';
import { EID, testEuicc, testPhone } from './phone.ts';
import { startSmallSmdp } from './small-smdp.ts';
import type { SmallSmdp } from './small-smdp.ts';
import { testPki } from './test-pki.ts';

let smdp: SmallSmdp;
let root: Smds;
let alternative: Smds;
before(async () => {
  smdp = await startSmallSmdp();
  const { ci } = smdp.pki;
  root = await startSmds({ ci });
  alternative = await startSmds({ ci, oid: '2.999.20.2', root });
});
after(async () => {
  await smdp[Symbol.asyncDispose]();
  await root[Symbol.asyncDispose]();
  await alternative[Symbol.asyncDispose]();
});

const phoneOf = (eid = EID) => {
  const phone = testPhone(smdp, { euicc: testEuicc(smdp.pki, eid) });
  phone.euicc.state.rootDsAddress = root.address;
  return phone;
};
const OTHER_EID = '89049032000000000000000000000242';

describe('§3.6.2 event retrieval', () => {
  test('§5.8.1, §5.8.2 finds nothing for an eUICC without events', async () => {
    assert.deepEqual(await phoneOf(OTHER_EID).discover(), []);
  });

  test('§5.7.3 asks the root SM-DS that the eUICC names, and gets its own events in their order', async () => {
    const events = ['EVENT-1', 'EVENT-2'].map((eventId) => ({
      eventId,
      rspServerAddress: smdp.address,
    }));
    for (const event of events) await root.register({ eid: EID, ...event });
    await root.register({ eid: OTHER_EID, eventId: 'EVENT-3', rspServerAddress: smdp.address });
    assert.deepEqual(await phoneOf().discover(), events);
    const refused = await phoneOf()
      .discover('')
      .catch((error: unknown) => error);
    assert.ok(refused instanceof DeviceError);
  });

  test('downloads by the EventID as MatchingID', async () => {
    const phone = phoneOf();
    const [event] = await phone.discover();
    await phone.downloadEvent(event!);
    assert.equal(smdp.log.matchingIds.at(-1), 'EVENT-1');
    assert.equal(phone.euicc.state.profiles.length, 1);
  });

  test('§3.6.1 follows an event that an alternative SM-DS has forwarded to the root', async () => {
    const event = { eid: OTHER_EID, eventId: 'EVENT-4', rspServerAddress: smdp.address };
    await alternative.register(event, true);
    const phone = phoneOf(OTHER_EID);
    const found = (await phone.discover()).find(
      ({ rspServerAddress }) => rspServerAddress === alternative.address,
    );
    assert.notEqual(found!.eventId, 'EVENT-4');
    await phone.downloadEvent(found!);
    assert.equal(smdp.log.matchingIds.at(-1), 'EVENT-4');
  });

  test('stops where SM-DSs lead in a circle', async () => {
    const eid = '89049032000000000000000000000339';
    await root.register({ eid, eventId: 'ROUND', rspServerAddress: root.address });
    const phone = phoneOf(eid);
    const [event] = await phone.discover();
    await assert.rejects(phone.downloadEvent(event!), /too many SM-DSs/);
  });
});

describe('§5.7.13 an SM-DS', () => {
  test('with a certificate of another CI is refused by TLS', async () => {
    const { ci } = testPki();
    await using stranger = await startSmds({ ci });
    await assert.rejects(phoneOf().discover(stranger.address), /certificate/);
  });

  test('whose TLS certificate is for another role is refused', async () => {
    const { ci } = smdp.pki;
    await using wrong = await startSmds({ ci, tls: issueUnder(ci, 'dsAuth', '2.999.20.9') });
    await assert.rejects(phoneOf().discover(wrong.address));
  });

  test('that signs with a certificate of another CI is refused by the eUICC', async () => {
    const other = testPki();
    const { ci } = smdp.pki;
    await using wrong = await startSmds({ ci: other.ci, tls: issueUnder(ci, 'dsTls', '2.999.1') });
    const refused = await phoneOf()
      .discover(wrong.address)
      .catch((error: unknown) => error);
    assert.ok(refused instanceof EuiccError || refused instanceof Es9PlusError);
  });

  test('that is none, or that is taken for an SM-DP+, is named', async () => {
    await assert.rejects(phoneOf().discover(smdp.address), /is not an SM-DS/);
    await assert.rejects(
      phoneOf().downloadFromDefault(root.address),
      /is an SM-DS, not an SM-DP\+/,
    );
  });

  test('that sends an event with an address that is none, is refused', async () => {
    root.options.misbehaves = async (_call, done) => {
      const { status, body } = await done();
      return { status, body: body.replaceAll(smdp.address, 'https://smdp.example/') };
    };
    try {
      await assert.rejects(phoneOf().discover(), /without a valid rspServerAddress/);
    } finally {
      root.options.misbehaves = undefined;
    }
  });
});
