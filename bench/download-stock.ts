// Orders that are ready to be downloaded, each with its own eUICC.
import { createECDH, randomBytes, randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { MasterKey } from '../src/process/keys.ts';
import { issueEuicc } from '../src/smdp/pki/issue-euicc.ts';
import { loadPki } from '../src/smdp/pki/pki.ts';
import type { SmdpIdentity } from '../src/smdp/pki/pki.ts';
import type { StoredCertificate } from '../src/smdp/pki/pki-certificate.ts';
import { importTemplate } from '../src/smdp/package/template-import.ts';
import { generateTestStock } from '../src/smdp/stock/test-stock.ts';
import { DeviceInfo, EUICCInfo1, EUICCInfo2 } from '../src/rsp/definitions/euicc-info.ts';
import { encodeTlv } from '../src/rsp/der.ts';
import { encodeUtf8 } from '../src/rsp/der-values.ts';
import { completeEid, encodeImei } from '../src/rsp/identifiers.ts';
import { createSigner } from '../src/rsp/signature.ts';
import { defaultTemplate } from '../src/saip/default-template.ts';
import { decodeProfilePackage, encodeProfilePackage } from '../src/saip/profile-element.ts';
import type { ProfileElement } from '../src/saip/profile-element.ts';
import { openStore } from '../src/store/open.ts';
import type { Store, Transaction } from '../src/store/store.ts';
import type { Server } from './child.ts';
import { SMDP_ADDRESS } from './child.ts';
import { databaseOf, MASTER_KEY, openRaw } from './databases.ts';
import { request } from './http.ts';
import type { DownloadTicket } from './lpa.ts';
import { ORDERING } from './profiles.ts';
import { unitAt } from '../test/unit.ts';

export const CURVE = 'prime256v1';
const LARGE_SIZE = 30 * 1024;
const FILES = 100;
const FILE_SIZE = 80;
const TABLES = [
  'callbacks',
  'esim_profile_events',
  'rsp_log',
  'rsp_notifications',
  'rsp_sessions',
  'esim_profiles',
  'sims',
  'subscriptions',
];

/** Orders this many profiles of a type, and issues the eUICCs. */
export async function addDownloads(
  server: Server,
  databaseUrl: string,
  profileType: string,
  count: number,
): Promise<DownloadTicket[]> {
  const store = await openStore(databaseOf(databaseUrl));
  const masterKey = new MasterKey(MASTER_KEY);
  try {
    await store.transaction(async (tables) => {
      const now = new Date();
      const key = { accountSid: ORDERING.sid, profileType };
      // As operators do: once for all profiles of a type.
      if (profileType !== 'default' && !(await hasTemplate(profileType, tables))) {
        await importTemplate(largeTemplate(), key, '{}', masterKey, unitAt(tables, now));
      }
      await generateTestStock(ORDERING.sid, count, profileType, masterKey, unitAt(tables, now));
    });
    const form = new URLSearchParams({ GenerateMatchingId: 'true', ProfileType: profileType });
    const order = request('/v1/ESimProfiles', ORDERING, { form: form.toString() });
    let left = count;
    await server.pool.drive(() => (left-- > 0 ? order : undefined), 201);
    return await makeTickets(store, masterKey, count);
  } finally {
    await store.close();
  }
}

const hasTemplate = async (profileType: string, { profilePackages }: Transaction) =>
  (await profilePackages.findTemplate(ORDERING.sid, profileType)) !== undefined;

async function makeTickets(
  store: Store,
  masterKey: MasterKey,
  count: number,
): Promise<DownloadTicket[]> {
  const released = () =>
    store.subscriptions.list(ORDERING.sid, { state: 'Released', limit: count + 1 });
  let rows = await released();
  for (; rows.length < count; rows = await released()) await sleep(5);
  while (await store.esimProfiles.anyToReserve()) await sleep(5);

  const pki = await loadPki(store, masterKey, new Date());
  const identity = pki.identities.find(({ curve }) => curve === CURVE)!;
  const ticket = ticketsOf(pki, identity, SMDP_ADDRESS);
  return rows.map(({ iccid, matching_id: matchingId }) => ticket(iccid, matchingId!));
}

/** Makes tickets, each for an eUICC of its own. @param certificates those of the eUICCs' EUM among them */
export function ticketsOf(
  { certificates }: { certificates: readonly StoredCertificate[] },
  { ciPKId, smdpOid }: Pick<SmdpIdentity, 'ciPKId' | 'smdpOid'>,
  smdpAddress: string,
): (iccid: string, matchingId: string) => DownloadTicket {
  const euiccCiPKIds = {
    euiccCiPKIdListForVerification: [ciPKId],
    euiccCiPKIdListForSigning: [ciPKId],
  };
  const euiccInfo1 = EUICCInfo1.encode({ svn: '2.5.0', ...euiccCiPKIds });
  const euiccInfo2 = EUICCInfo2.encode({
    profileVersion: '2.3.1',
    svn: '2.5.0',
    euiccFirmwareVer: '1.0.0',
    extCardResource: Uint8Array.fromHex('81010082040010000083024000'),
    uiccCapability: ['usimSupport', 'isimSupport', 'akaMilenage', 'javacard', 'getIdentity'],
    ts102241Version: '9.2.0',
    globalplatformVersion: '2.3.0',
    rspCapability: ['additionalProfile'],
    ...euiccCiPKIds,
    ppVersion: '1.0.0',
    sasAcreditationNumber: 'BENCHMARK',
  });
  const deviceInfo = DeviceInfo.encode({
    tac: encodeImei('35693803'),
    deviceCapabilities: { eutranEpcSupportedRelease: '15.0.0' },
    imei: encodeImei('356938035643809'),
  });
  return (iccid, matchingId) => {
    const eid = completeEid(`89049032${String(randomInt(10 ** 12)).padStart(22, '0')}`);
    const { privateKey, ...issued } = issueEuicc(eid, CURVE, { certificates }, new Date());
    return {
      iccid,
      smdpAddress,
      smdpOid,
      euiccInfo1,
      euiccInfo2,
      ctxParams1: encodeTlv(0xa0, encodeTlv(0x80, encodeUtf8(matchingId)), deviceInfo),
      euiccChallenge: randomBytes(16),
      euiccOtpk: createECDH(CURVE).generateKeys(),
      signer: createSigner(privateKey),
      ...issued,
    };
  };
}

export async function removeDownloads(databaseUrl: string): Promise<void> {
  const raw = await openRaw(databaseUrl);
  for (const table of TABLES) {
    await raw.run(`delete from ${table} where account_sid = '${ORDERING.sid}'`, []);
  }
  await raw.close();
}

const bytes = (size: number) => Uint8Array.from(randomBytes(size));

let large: Uint8Array | undefined;

/** Our own template, enlarged like an operator's: a hundred more files, and an applet. */
export function largeTemplate(): Uint8Array {
  if (large !== undefined) return large;
  const elements = decodeProfilePackage(defaultTemplate());
  const commands = Array.from({ length: FILES }, (_file, index) => [
    {
      choice: 'createFCP' as const,
      value: {
        fileDescriptor: Uint8Array.fromHex('4121'),
        fileID: Uint8Array.of(0x5f, index),
        lcsi: Uint8Array.of(5),
        securityAttributesReferenced: Uint8Array.fromHex('2f0601'),
        efFileSize: Uint8Array.of(FILE_SIZE),
      },
    },
    { choice: 'fillFileContent' as const, value: bytes(FILE_SIZE) },
  ]);
  const files: ProfileElement = {
    name: 'genericFileManagement',
    value: {
      'gfm-header': { mandated: true, identification: 100 },
      fileManagementCMD: [
        [{ choice: 'filePath', value: new Uint8Array() }, ...(commands.flat() as [])],
      ],
    },
  };
  const header = encodeTlv(0xa0, Uint8Array.fromHex('8000810165'));
  const loadPackageAid = encodeTlv(0x4f, bytes(16));
  elements.splice(-1, 0, files);
  const rest = LARGE_SIZE - encodeProfilePackage(elements).length;
  const loadBlock = encodeTlv(0xa1, loadPackageAid, encodeTlv(0xc4, bytes(rest - 40)));
  elements.splice(-1, 0, { name: 'application', bytes: encodeTlv(0xa8, header, loadBlock) });
  return (large = encodeProfilePackage(elements));
}
