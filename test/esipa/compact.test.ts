// Compact messages (minimizeEsipaBytes), and what else an IPA can leave to its eIM: with a real listener, a real database and a real SM-DP+,
// which verifies what the eUICC has signed.
import assert from 'node:assert/strict';
import { before, mock, test } from 'node:test';
import { callEs10 } from '../../src/device/es10.ts';
import { EsipaHttpsTransport, type EsipaTransport } from '../../src/device/ipa/esipa-transport.ts';
import { Ipa as VirtualIpa, type IpaFeature } from '../../src/device/ipa/ipa.ts';
import { askOperation } from '../../src/eim/ask-operation.ts';
import type { Asked } from '../../src/eim/ask-operation.ts';
import { registerEuicc } from '../../src/eim/euiccs.ts';
import type { EimContext } from '../../src/eim/eim.ts';
import {
  AuthenticateServerResponseEsipa,
  CancelSessionResponseEsipa,
  PendingNotificationEsipa,
  PrepareDownloadResponseEsipa,
} from '../../src/rsp/definitions/compact.ts';
import {
  IpaEuiccDataRequest,
  ProfileDownloadTriggerRequest,
} from '../../src/rsp/definitions/eim-package.ts';
import {
  DisableProfileRequest,
  EnableProfileRequest,
} from '../../src/rsp/definitions/local-functions.ts';
import { AddInitialEimRequest } from '../../src/rsp/definitions/iot-functions.ts';
import { StoreMetadataRequest } from '../../src/rsp/definitions/profile-metadata.ts';
import { encodeTlv, readDer } from '../../src/rsp/der.ts';
import { encodeIccid } from '../../src/rsp/identifiers.ts';
import type { EimOperationRow } from '../../src/store/schema.ts';
import { onEachDatabase, serverOn } from '../databases.ts';
import { Ipa, type Post } from './ipa.ts';

const EID_NOT_FOUND = 2;
const FEATURES: Readonly<Record<IpaFeature, number>> = {
  eimDownloadDataHandling: 2,
  eimCtxParams1Generation: 3,
  eimProfileMetadataVerification: 4,
  minimizeEsipaBytes: 5,
};

/** IpaCapabilities of an IPA that downloads through the eIM. */
function capabilities(features: readonly IpaFeature[]): Uint8Array {
  const bits = features.reduce((sum, name) => sum | (0x80 >> FEATURES[name]), 0x40);
  const zeros = Math.log2(bits & -bits);
  return encodeTlv(0xa8, encodeTlv(0x80, Uint8Array.of(zeros, bits)));
}

const euiccInfo2 = (ipa: Ipa) => callEs10(ipa.euicc, Uint8Array.of(0xbf, 0x22, 0x00));
const NOT_SIGNED =
  'A compact message: with what the eIM knows, the signature is wrong. Send the full message';
const OTHER_OWNER = { mccMnc: Uint8Array.fromHex('99f999') };
const DEVICE_INFO = Uint8Array.fromHex('800435290611a100');

onEachDatabase('compact messages of ESipa', (database) => {
  const started = serverOn(database, { es9: true, stock: 30, env: { SIMWRIGHT_ESIPA_PORT: '0' } });
  let context: EimContext;
  before(() => {
    context = started().server.context as EimContext;
  });

  const ask = async (ipa: Ipa, asked: Asked) => {
    const euicc = await context.store.euiccs.find(ipa.eid);
    return context.transact((unit) => askOperation(euicc!, asked, context, unit));
  };
  const find = async ({ eid, sid }: Pick<EimOperationRow, 'eid' | 'sid'>) =>
    (await context.store.eimOperations.find(eid, sid))!;
  const packageFor = async (ipa: Ipa) => {
    const polled = await ipa.poll();
    assert.ok(polled instanceof Uint8Array, `polled ${String(polled)}`);
    return polled;
  };
  const register = (ipa: Ipa) =>
    registerEuicc(
      started().account.username,
      {
        eid: ipa.eid,
        friendlyName: null,
        resultSignature: 'associationToken',
        unsignedResults: false,
      },
      context,
    );
  /** Registered, and it has told of its eUICC what the eIM asks. */
  const known = async (
    features: readonly IpaFeature[] = ['minimizeEsipaBytes'],
    { binding = 'asn1', tellsInfo = true }: { binding?: Ipa['binding']; tellsInfo?: boolean } = {},
  ) => {
    const ipa = new Ipa(started(), { binding });
    ipa.isCompact = features.includes('minimizeEsipaBytes');
    await register(ipa);
    const told = {
      before: tellsInfo ? [euiccInfo2(ipa)] : [],
      after: [capabilities(features)],
    };
    assert.deepEqual(await ipa.provide(ipa.dataFor(await packageFor(ipa), told)), []);
    return ipa;
  };
  const downloadFor = async (ipa: Ipa, form: Record<string, string> = {}) => {
    const order = await started().order({ GenerateMatchingId: 'true', ...form });
    const confirmation =
      form['ConfirmationCode'] === undefined ? {} : { confirmationCode: form['ConfirmationCode'] };
    const activationCode = order.activation_code;
    const operation = await ask(ipa, { kind: 'download', activationCode, ...confirmation });
    return { order, operation };
  };
  /** A virtual device that is registered, and knows the eIM. */
  const onboarded = async () => {
    const device = new Ipa(started(), { isIot: true });
    await register(device);
    const path = `/v1/Euiccs/${device.eid}`;
    const { json: onboarding } = await started().request(`${path}/Onboarding`);
    const request = Uint8Array.fromBase64(onboarding.add_initial_eim_request);
    device.onboard(request);
    const [eim] = AddInitialEimRequest.decode(request).eimConfigurationDataList;
    const port = Number(context.config.eimFqdn.split(':')[1]);
    const connectTo = { host: '127.0.0.1', port };
    return { device, path, transport: new EsipaHttpsTransport({ eim: eim!, connectTo }) };
  };
  /** As after an upgrade from a version that has kept less. */
  const forget = async ({ eid }: Ipa) =>
    context.transact(async ({ tables }) => {
      const euicc = (await tables.euiccs.lock(eid))!;
      const { euicc_info2: _info, ...others } = JSON.parse(euicc.capabilities!);
      await tables.euiccs.update(eid, { capabilities: JSON.stringify(others) });
    });

  for (const binding of ['asn1', 'json'] as const) {
    test(`SGP.32 §6.3.2 minimizeEsipaBytes: a download and its notifications, all compact, reach the SM-DP+ as the eUICC has signed them (${binding})`, async () => {
      const ipa = await known(['minimizeEsipaBytes'], { binding });
      const { order, operation } = await downloadFor(ipa);
      const signed = watchSigned(ipa);
      const received = await watched(context, async () => {
        const lpa = await ipa.download(await packageFor(ipa));
        await lpa.sendNotifications();
        switchOnAndOff(ipa);
        await lpa.sendNotifications();
      });
      assert.equal((await find(operation)).status, 'completed');
      assert.deepEqual(ipa.euicc.state.notifications, []);
      for (const name of ['authenticateClient', 'getBoundProfilePackage', 'handleNotification']) {
        assert.deepEqual(received.get(name), signed.get(name), name);
      }
      assert.equal(signed.get('handleNotification')!.length, 3);
      const { json: installed } = await started().request(`/v1/ESimProfiles/${order.sid}`);
      assert.equal(installed.status, 'installed');
    });

    test(`SGP.32 §6.3.2 what the eIM does not know is refused, asked for before the next try, and known then (${binding})`, async () => {
      const ipa = await known(['minimizeEsipaBytes'], { binding });
      await forget(ipa);
      const { operation } = await downloadFor(ipa);
      const trigger = await packageFor(ipa);
      assert.ok(isQuestion(trigger), 'known from its capabilities');
      assert.deepEqual(
        IpaEuiccDataRequest.decode(trigger).tagList,
        Uint8Array.fromHex('bf22a5a6'),
        'EUICCInfo2 and certificates',
      );
      // It does not tell; it is not asked again.
      assert.deepEqual(await ipa.provide(ipa.dataFor(trigger)), []);
      const received = await watched(context, async () => {
        await assert.rejects(
          ipa.download(await packageFor(ipa)),
          binding === 'asn1' ? /ErrorEsipa 127/ : /1\.6, reason 2\.2/,
        );
      });
      assert.deepEqual([...received.keys()], [], 'nothing has reached the SM-DP+');
      assert.match((await find(operation)).error_message!, /euiccInfo1 is missing/);
      const question = await packageFor(ipa);
      assert.ok(isQuestion(question), 'since it was missing');
      const told = { before: [euiccInfo2(ipa)] };
      assert.deepEqual(await ipa.provide(ipa.dataFor(question, told)), []);
      assert.deepEqual(await ipa.provide(ipa.dataFor(question, told)), EID_NOT_FOUND);
      await (await ipa.download(await packageFor(ipa))).sendNotifications();
      assert.equal((await find(operation)).status, 'completed');
    });

    test(`SGP.32 §6.3.2 what is left out and was altered, or is another eUICC's, is refused, and does not reach the SM-DP+ (${binding})`, async () => {
      const ipa = await known(['minimizeEsipaBytes'], { binding });
      const other = await known(['minimizeEsipaBytes'], { binding });
      const { operation } = await downloadFor(ipa);
      const codes: Record<string, string[]> = {};
      /** What the operation shows, and whether the eIM will ask for what it could not use. */
      const said = new Set<string | null>();
      const wanted = new Set<boolean | undefined>();
      ipa.onRelay = async (name, members, post) => {
        if (name === 'initiateAuthentication') return;
        const member = MEMBERS[name];
        for (const der of ALTERATIONS[name](Uint8Array.fromBase64(members[member]!), other)) {
          const answer = await post({ ...members, [member]: der.toBase64() });
          (codes[name] ??= []).push(codeOf(answer));
          if (name === 'handleNotification') continue;
          said.add((await find(operation)).error_message);
          const { capabilities: kept } = (await context.store.euiccs.find(ipa.eid))!;
          if (name === 'authenticateClient') wanted.add(JSON.parse(kept!).is_wanted);
        }
      };
      const received = await watched(context, async () => {
        const lpa = await ipa.download(await packageFor(ipa));
        await lpa.sendNotifications();
        switchOnAndOff(ipa);
        await lpa.sendNotifications();
      });
      const wrong = binding === 'asn1' ? [5, 1] : ['8.1/6.1', '8.1/6.1'];
      const mismatch = binding === 'asn1' ? 7 : '8.1.1/3.8';
      assert.deepEqual(codes, {
        authenticateClient: [wrong[0], wrong[0], wrong[0], mismatch].map(String),
        getBoundProfilePackage: [wrong[1], wrong[1], wrong[1]].map(String),
        // The result of the installation, and two others.
        handleNotification: Array(3 + 2 * 3).fill('503'),
      });
      assert.deepEqual([...said], [NOT_SIGNED]);
      assert.deepEqual([...wanted], [true]);
      assert.equal(received.get('authenticateClient')!.length, 1);
      assert.equal(received.get('getBoundProfilePackage')!.length, 1);
      assert.equal(received.get('handleNotification')!.length, 3);
      assert.equal((await find(operation)).status, 'completed');
    });

    test(`SGP.32 §6.3.2.5 a session that is cancelled in compact form, with and without its reason (${binding})`, async () => {
      const ipa = await known(['minimizeEsipaBytes'], { binding });
      const signed = watchSigned(ipa);
      const codes: string[] = [];
      for (const isNamed of [true, false]) {
        const { operation } = await downloadFor(ipa);
        const received = await watched(context, async () => {
          const trigger = await packageFor(ipa);
          ipa.onRelay = async (name, members, post) => {
            if (name !== 'cancelSession') return;
            const member = MEMBERS[name];
            const given = Uint8Array.fromBase64(members[member]!);
            for (const der of ALTERATIONS[name](given)) {
              codes.push(codeOf(await post({ ...members, [member]: der.toBase64() })));
            }
            if (!isNamed) members[member] = withoutReason(given).toBase64();
          };
          const segments = () => [];
          await assert.rejects(ipa.download(trigger, { segments }), /without a result/);
        });
        assert.deepEqual(received.get('cancelSession'), signed.get('cancelSession')!.slice(-1));
        const { status, error_code: code } = await find(operation);
        assert.deepEqual([status, code], ['failed', 'loadBppExecutionError']);
      }
      const wrong = binding === 'asn1' ? '2' : '8.1/6.1';
      assert.deepEqual(codes, Array(4).fill(wrong));
    });
  }

  test('SGP.32 §6.3.2.3 a confirmation code that the eIM holds: its hash is left out, and one-time keys that the SM-DP+ has', async () => {
    const ipa = await known();
    const { operation } = await downloadFor(ipa, { ConfirmationCode: 'sesame-123' });
    const trigger = await packageFor(ipa);
    const signed = watchSigned(ipa);
    const sent: Uint8Array[] = [];
    ipa.onRelay = (name, members) => {
      if (name === 'getBoundProfilePackage') {
        sent.push(Uint8Array.fromBase64(members[MEMBERS[name]]!));
      }
    };
    const received = await watched(context, async () => {
      // The device loses what it was given, and begins again with the same key.
      const beforeSegment = () => {
        throw new TypeError('power lost');
      };
      await assert.rejects(ipa.download(trigger, { beforeSegment }), /power lost/);
      await (await ipa.download(await packageFor(ipa))).sendNotifications();
    });
    const members = sent.map((der) => {
      const { compactDownloadResponseOk: ok } = PrepareDownloadResponseEsipa.decode(der);
      return Object.keys(ok!.compactEuiccSigned2);
    });
    assert.deepEqual(members, [['euiccOtpk'], []]);
    const name = 'getBoundProfilePackage';
    assert.deepEqual(received.get(name), signed.get(name));
    assert.equal((await find(operation)).status, 'completed');
  });

  test('SGP.32 §2.5.6 the compact result of an installation that has failed, of an earlier attempt', async () => {
    const ipa = await known();
    const { operation } = await downloadFor(ipa);
    const trigger = await packageFor(ipa);
    const signed = watchSigned(ipa);
    const received = await watched(context, async () => {
      // What the eUICC is given is not what the SM-DP+ has sent; the result waits until the device has begun again.
      ipa.onRelay = (name) => {
        if (name === 'handleNotification') throw new TypeError('no network');
      };
      const segments = (honest: readonly Uint8Array[]) =>
        honest.map((segment, at) => (at === honest.length - 1 ? flipped(segment) : segment));
      await assert.rejects(ipa.download(trigger, { segments }), /The eUICC refused/);
      ipa.onRelay = () => {};
      const beforeSegment = () => {
        throw new TypeError('power lost');
      };
      const again = ipa.download(await packageFor(ipa), { beforeSegment });
      await assert.rejects(again, /power lost/);
      await ipa.lpa(trigger).sendNotifications();
    });
    const name = 'handleNotification';
    assert.deepEqual(received.get(name), signed.get(name)!.slice(-1));
    assert.equal((await find(operation)).status, 'failed');
  });

  test('a session of which an SM-DP+ says too much is not kept', async () => {
    const { es9plus } = context.eim;
    const call = es9plus.call.bind(es9plus);
    const long = encodeTlv(0x5f37, new Uint8Array(100_000)).toBase64();
    const ipa = await known();
    const { operation } = await downloadFor(ipa);
    const trigger = await packageFor(ipa);
    const changing = mock.method(es9plus, 'call', async (...given: Parameters<typeof call>) => {
      const { status, body } = await call(...given);
      const answer = JSON.parse(body || '{}');
      const changed = 'smdpSignature2' in answer ? { ...answer, smdpSignature2: long } : answer;
      return { status, body: JSON.stringify(changed) };
    });
    await assert.rejects(ipa.download(trigger));
    changing.mock.restore();
    const packages = await context.store.eimOperations.packagesOf(ipa.eid, operation.sid);
    assert.deepEqual(
      packages.map(({ rsp_session: session }) => session),
      [null],
    );
  });

  test('a virtual device sends compact messages, and what the eIM does not know yet as a whole, in the same session', async () => {
    const { device, transport, path } = await onboarded();
    const refused: string[] = [];
    const sizes = { full: 0, compact: 0 };
    let counts: keyof typeof sizes | undefined;
    const counting: EsipaTransport = {
      async send(message) {
        const tag = readDer(message).tag.toString(16);
        const isOfDownload = tag !== 'bf4f' && tag !== 'bf50';
        if (counts !== undefined && isOfDownload) sizes[counts] += message.length;
        const answer = await transport.send(message);
        const number = /^bf3[9ab]03810([0-9a-f]*)|^bf3b03820/.exec(answer.toHex());
        if (number !== null) refused.push(tag);
        return answer;
      },
    };
    const ipaWith = (features: IpaFeature[]) =>
      new VirtualIpa(device.euicc, { transport: counting, features });
    const download = async (ipa: VirtualIpa) => {
      const { operation } = await downloadFor(device);
      await ipa.poll();
      assert.equal((await find(operation)).status, 'completed');
      assert.deepEqual(device.euicc.state.notifications, []);
    };
    await ipaWith([]).poll();
    counts = 'full';
    await download(ipaWith([]));
    counts = undefined;
    await forget(device);
    const ipa = ipaWith(['minimizeEsipaBytes']);
    // It says that it can, once it is asked.
    await started().request(`${path}/Operations`, { form: { Kind: 'euiccData' } });
    await ipa.poll();
    const { json: euicc } = await started().request(path);
    assert.deepEqual(euicc.capabilities.ipa_features, [
      'indirectRspServerCommunication',
      'minimizeEsipaBytes',
    ]);
    assert.deepEqual(Object.keys(euicc.capabilities).length, 8, 'nothing else is shown');
    counts = 'compact';
    await download(ipa);
    assert.deepEqual(refused, []);
    counts = undefined;
    // Of an IPA that has said nothing: unknown at first, then learned from what the eUICC has signed.
    await context.transact(({ tables }) =>
      tables.euiccs.update(device.eid, { capabilities: null }),
    );
    await download(ipa);
    assert.deepEqual(refused, ['bf39', 'bf3b']);
    refused.length = 0;
    await download(ipa);
    assert.deepEqual(refused, []);
    assert.ok(sizes.compact < sizes.full / 2, JSON.stringify(sizes));
  });

  test('SGP.32 §2.11.1.3 eimDownloadDataHandling: a trigger without its data; the eIM names SM-DP+ and matching ID', async () => {
    for (const binding of ['asn1', 'json'] as const) {
      const ipa = await known(['eimDownloadDataHandling'], { binding });
      const { operation } = await downloadFor(ipa);
      const trigger = await packageFor(ipa);
      assert.equal(ProfileDownloadTriggerRequest.decode(trigger).profileDownloadData, undefined);
      await (await ipa.download(trigger)).sendNotifications();
      assert.equal((await find(operation)).status, 'completed');
    }
  });

  test('SGP.32 §6.3.2.1 eimCtxParams1Generation: the eIM asks for DeviceInfo once, and makes CtxParams1 of it', async () => {
    for (const binding of ['asn1', 'json'] as const) {
      const ipa = await known(['eimCtxParams1Generation', 'minimizeEsipaBytes'], { binding });
      const { operation } = await downloadFor(ipa);
      const question = await packageFor(ipa);
      const { tagList } = IpaEuiccDataRequest.decode(question);
      assert.deepEqual(tagList, Uint8Array.fromHex('bf22a5a6a9'));
      const told = { after: [encodeTlv(0xa9, DEVICE_INFO)] };
      assert.deepEqual(await ipa.provide(ipa.dataFor(question, told)), []);
      const signed = watchSigned(ipa);
      const sent: Uint8Array[] = [];
      ipa.onRelay = (name, members) => {
        if (name === 'authenticateClient') {
          sent.push(Uint8Array.fromBase64(members[MEMBERS[name]]!));
        }
      };
      const received = await watched(context, async () => {
        await (await ipa.download(await packageFor(ipa))).sendNotifications();
      });
      const [compact] = sent.map((der) => AuthenticateServerResponseEsipa.decode(der));
      const { signedData } = compact!.compactAuthenticateResponseOk!;
      assert.deepEqual(Object.keys(signedData.compactEuiccSigned1!), ['extCardResource']);
      assert.deepEqual(received.get('authenticateClient'), signed.get('authenticateClient'));
      const [full] = signed.get('authenticateClient')!;
      const { authenticateResponseOk: ok } = AuthenticateServerResponseEsipa.decode(
        Uint8Array.fromBase64(full!),
      );
      const { deviceInfo } = ok!.euiccSigned1.value.ctxParams1.ctxParamsForCommonAuthentication;
      assert.deepEqual(deviceInfo.tac, DEVICE_INFO.subarray(2, 6));
      assert.equal((await find(operation)).status, 'completed');
    }
    // One that says so, and does not tell: it makes CtxParams1 itself, as some do that misread the feature.
    const silent = await known(['eimCtxParams1Generation']);
    const { operation } = await downloadFor(silent);
    assert.deepEqual(await silent.provide(silent.dataFor(await packageFor(silent))), []);
    await (await silent.download(await packageFor(silent))).sendNotifications();
    assert.equal((await find(operation)).status, 'completed');
    const { operation: second } = await downloadFor(silent);
    await (await silent.download(await packageFor(silent))).sendNotifications();
    assert.equal((await find(second)).status, 'completed', 'it is not asked again');
  });

  test('SGP.32 §3.2.3.2 eimProfileMetadataVerification: a policy rule that the eUICC does not allow, and other metadata in the package, are refused, and the eUICC cancels', async () => {
    const { es9plus } = context.eim;
    const call = es9plus.call.bind(es9plus);
    const rules = [
      {
        ppr_ids: ['ppr2'],
        allowed_operators: [{ mcc: '001', mnc: '0e', gid1: null, gid2: null }],
        consent_required: false,
      },
    ];
    for (const binding of ['asn1', 'json'] as const) {
      const features = ['eimProfileMetadataVerification', 'minimizeEsipaBytes'] as const;
      const ipa = await known(features, { binding });
      await context.transact(({ tables }) =>
        tables.euiccs.update(ipa.eid, { reported: JSON.stringify({ rules }) }),
      );
      const tried = async (changed: Partial<StoreMetadataRequest>) => {
        const { operation } = await downloadFor(ipa);
        const trigger = await packageFor(ipa);
        const changing = mock.method(es9plus, 'call', async (...given: Parameters<typeof call>) => {
          const { status, body } = await call(...given);
          const answer = JSON.parse(body || '{}');
          if (answer.profileMetadata === undefined) return { status, body };
          const metadata = StoreMetadataRequest.decode(
            Uint8Array.fromBase64(answer.profileMetadata),
          );
          const profileMetadata = StoreMetadataRequest.encode({ ...metadata, ...changed });
          return {
            status,
            body: JSON.stringify({ ...answer, profileMetadata: profileMetadata.toBase64() }),
          };
        });
        const lpa = ipa.download(trigger, { isMetadataVerified: true });
        const outcome = await lpa.then(
          () => 'downloaded',
          () => 'refused',
        );
        changing.mock.restore();
        const { status, error_code: code } = await find(operation);
        return [outcome, status, code];
      };
      const profileOwner = { mccMnc: Uint8Array.fromHex('00f110') };
      assert.deepEqual(await tried({ profilePolicyRules: ['ppr1'], profileOwner }), [
        'refused',
        'failed',
        'pprNotAllowed',
      ]);
      assert.deepEqual(
        await tried({ profilePolicyRules: ['ppr2'], profileOwner: OTHER_OWNER }),
        ['refused', 'failed', 'pprNotAllowed'],
        'of another owner',
      );
      assert.deepEqual(await tried({ profilePolicyRules: ['ppr2'], profileOwner }), [
        'refused',
        'failed',
        'metadataMismatch',
      ]);
    }
  });
});

const MEMBERS = {
  initiateAuthentication: 'euiccInfo1',
  authenticateClient: 'authenticateServerResponse',
  getBoundProfilePackage: 'prepareDownloadResponse',
  handleNotification: 'pendingNotification',
  cancelSession: 'cancelSessionResponse',
} as const;

async function watched(
  context: EimContext,
  work: () => Promise<unknown>,
): Promise<Map<string, string[]>> {
  const { es9plus } = context.eim;
  const watching = mock.method(es9plus, 'call');
  try {
    await work();
  } finally {
    watching.mock.restore();
  }
  const received = new Map<string, string[]>();
  for (const {
    arguments: [name, , members],
  } of watching.mock.calls) {
    received.set(name, [...(received.get(name) ?? []), members[MEMBERS[name]]!]);
  }
  return received;
}

/** As ES9+ has it; in the ASN.1 binding, the number alone. */
function codeOf({ statusCode, body }: Awaited<ReturnType<Post>>): string {
  if (statusCode !== 200) return String(statusCode);
  const { subjectCode, reasonCode, message } =
    JSON.parse(body).header.functionExecutionStatus.statusCodeData;
  return /Error\w* (\d+)$/.exec(message)?.[1] ?? `${subjectCode}/${reasonCode}`;
}

const flipped = (bytes: Uint8Array, at = bytes.length - 1) =>
  bytes.map((byte, index) => (index === (at + bytes.length) % bytes.length ? byte ^ 1 : byte));

/** Of each compact message: its signature, and what it says. */
const ALTERATIONS = {
  authenticateClient(der: Uint8Array, other?: Ipa) {
    const { compactAuthenticateResponseOk: ok } = AuthenticateServerResponseEsipa.decode(der);
    const { compactEuiccSigned1 } = ok!.signedData;
    const { extCardResource, ctxParams1 } = compactEuiccSigned1!;
    const encode = (changed: Partial<NonNullable<typeof ok>>) =>
      AuthenticateServerResponseEsipa.encode({
        compactAuthenticateResponseOk: { ...ok!, ...changed },
      });
    const signedOf = (changed: Partial<NonNullable<typeof compactEuiccSigned1>>) => ({
      signedData: { compactEuiccSigned1: { ...compactEuiccSigned1!, ...changed } },
    });
    const { euiccCertificate, eumCertificate } = other!.issued;
    return [
      encode({ euiccSignature1: flipped(ok!.euiccSignature1) }),
      encode(signedOf({ extCardResource: flipped(extCardResource) })),
      encode(signedOf({ ctxParams1: { ...ctxParams1!, der: flipped(ctxParams1!.der) } })),
      encode({ euiccCertificate, eumCertificate }),
    ];
  },
  getBoundProfilePackage(der: Uint8Array) {
    const { compactDownloadResponseOk: ok } = PrepareDownloadResponseEsipa.decode(der);
    const { compactEuiccSigned2: signed, euiccSignature2 } = ok!;
    const encode = (changed: Partial<NonNullable<typeof ok>>) =>
      PrepareDownloadResponseEsipa.encode({ compactDownloadResponseOk: { ...ok!, ...changed } });
    return [
      encode({ euiccSignature2: flipped(euiccSignature2) }),
      encode({ compactEuiccSigned2: { euiccOtpk: flipped(signed.euiccOtpk!) } }),
      encode({ compactEuiccSigned2: { ...signed, hashCc: new Uint8Array(32) } }),
    ];
  },
  cancelSession(der: Uint8Array) {
    const { compactCancelSessionResponseOk: ok } = CancelSessionResponseEsipa.decode(der);
    const encode = (changed: Partial<NonNullable<typeof ok>>) =>
      CancelSessionResponseEsipa.encode({
        compactCancelSessionResponseOk: { ...ok!, ...changed },
      });
    return [
      encode({ euiccCancelSessionSignature: flipped(ok!.euiccCancelSessionSignature) }),
      encode({ compactEuiccCancelSessionSigned: { reason: 1 } }),
    ];
  },
  handleNotification(der: Uint8Array, other?: Ipa) {
    const {
      compactProfileInstallationResult: installation,
      compactOtherSignedNotification: notification,
    } = PendingNotificationEsipa.decode(der);
    if (installation !== undefined) {
      const { compactProfileInstallationResultData: data, euiccSignPIR } = installation;
      const encode = (changed: Partial<typeof installation>) =>
        PendingNotificationEsipa.encode({
          compactProfileInstallationResult: { ...installation, ...changed },
        });
      return [
        encode({ euiccSignPIR: flipped(euiccSignPIR) }),
        encode({ compactProfileInstallationResultData: { ...data, seqNumber: 99 } }),
        encode({ compactProfileInstallationResultData: { ...data, iccidPresent: false } }),
      ];
    }
    const { euiccNotificationSignature: signature } = notification!;
    const encode = (changed: Partial<NonNullable<typeof notification>>) =>
      PendingNotificationEsipa.encode({
        compactOtherSignedNotification: { ...notification!, ...changed },
      });
    return [
      encode({ euiccNotificationSignature: flipped(signature) }),
      encode({ eidValue: Uint8Array.fromHex(other!.eid) }),
      encode({ euiccCiPKIdentifierToBeUsed: new Uint8Array(4) }),
    ];
  },
};

function withoutReason(der: Uint8Array): Uint8Array {
  const { compactCancelSessionResponseOk: ok } = CancelSessionResponseEsipa.decode(der);
  return CancelSessionResponseEsipa.encode({
    compactCancelSessionResponseOk: { ...ok!, compactEuiccCancelSessionSigned: {} },
  });
}

const isQuestion = (der: Uint8Array) => readDer(der).tag === 0xbf52;

/** What the eUICC has signed, by function. */
function watchSigned(ipa: Ipa): Map<string, string[]> {
  const signed = new Map<string, string[]>();
  ipa.onSigned = (name, members) => {
    signed.set(name, [...(signed.get(name) ?? []), members[MEMBERS[name]]!]);
  };
  return signed;
}

/** The newest profile, so that its SM-DP+ is notified twice. */
function switchOnAndOff({ euicc }: Ipa): void {
  const iccid = encodeIccid(euicc.state.profiles.at(-1)!.iccid);
  const request = { profileIdentifier: { iccid }, refreshFlag: false };
  callEs10(euicc, EnableProfileRequest.encode(request));
  callEs10(euicc, DisableProfileRequest.encode(request));
}
