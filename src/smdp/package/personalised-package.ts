// A subscription's package from a template, with its own or derived secrets.
import type { Logger } from 'pino';
import { checkElements } from '../../saip/check.ts';
import type { Finding } from '../../saip/check.ts';
import { decodeEfAcc } from '../../saip/ef-imsi.ts';
import { personaliseShared } from '../../saip/personalise.ts';
import type { PersonalisedPackage } from '../../saip/personalise.ts';
import type { Placeholders } from '../../saip/placeholders.ts';
import { SaipError } from '../../saip/saip-error.ts';
import type { SharedTemplate } from '../../saip/shared-template.ts';
import type {
  AkaSubscription,
  OtaKey,
  Subscription as SaipSubscription,
} from '../../saip/subscription.ts';
import type { Subscription } from '../stock/subscription.ts';
import { deriveSecrets } from './derived-secrets.ts';
import { mncLengthOf } from './mnc-length.ts';
import { ownTemplate, toOpen } from './open-template.ts';
import type { OpenTemplate } from './open-template.ts';
import { ProfilePackageError } from './profile-package-error.ts';

/**
 * Without findings, from the compiled template where possible. Throws `ProfilePackageError`.
 * @param log gets an error if a compiled template proves wrong, see `CompiledPackages`
 */
export function makePackage(
  subscription: Subscription,
  { template, placeholders, packages, version }: OpenTemplate,
  { accountSid: account, log }: { accountSid: string; log: Pick<Logger, 'error'> },
): Uint8Array {
  const { iccid, imsi, profileType } = subscription;
  const given = toSaipSubscription(subscription, placeholders);
  const slowly = (): Uint8Array => {
    const { upp, elements } = personaliseWith(template, given);
    requireNoFindings(iccid, checkElements(elements, { iccid, imsi }));
    return upp;
  };
  return packages.make(given, slowly, (difference) => {
    log.error(
      { account, iccid, profileType, template: version, ...difference },
      'the compiled template gives another profile package than its fields filled in one by one: packages ' +
        'of this template are made field by field from now on. Check those delivered before, as many as `uncompared`',
    );
  });
}

export function requireNoFindings(iccid: string, findings: readonly Finding[]): void {
  if (findings.length === 0) return;
  throw new ProfilePackageError(`The profile package of ICCID ${iccid}`, findings);
}

/** Not checked. @param template by default, ours. Throws `ProfilePackageError`. */
export function personaliseFor(subscription: Subscription, template?: Uint8Array): Uint8Array {
  const open = template === undefined ? ownTemplate() : toOpen(template);
  return personaliseWith(open.template, toSaipSubscription(subscription, open.placeholders)).upp;
}

function personaliseWith(
  template: SharedTemplate,
  subscription: SaipSubscription,
): PersonalisedPackage {
  try {
    return personaliseShared(template, subscription);
  } catch (cause) {
    if (!(cause instanceof SaipError)) throw cause;
    const { where, message } = cause;
    const finding: Finding = { rule: 'decodable', where, message };
    throw new ProfilePackageError(
      `The profile package of ICCID ${subscription.iccid} cannot be built`,
      [finding],
      cause,
    );
  }
}

/** The subscription's values take precedence over derived ones. */
function toSaipSubscription(subscription: Subscription, open: Placeholders): SaipSubscription {
  const { iccid, imsi, msisdn, acc, secrets } = subscription;
  const { pin1, pin2, puk1, puk2, adm1 } = secrets;
  const derived = deriveSecrets(subscription, open);
  return {
    iccid,
    imsi,
    mncLength: subscription.mncLength ?? mncLengthOf(imsi),
    aka: akaOf(subscription),
    ...(acc === undefined ? {} : { accessClasses: accessClassesOf(acc) }),
    ...(pin1 === undefined ? {} : { pin1 }),
    ...(pin2 === undefined ? {} : { pin2 }),
    ...derived,
    ...(puk1 === undefined ? {} : { puk1 }),
    ...(puk2 === undefined ? {} : { puk2 }),
    adm: { ...derived.adm, ...(adm1 === undefined ? {} : { adm1 }) },
    otaKeys: otaKeysOf(subscription),
    ...(msisdn === undefined ? {} : { msisdn: `+${msisdn}` }),
  };
}

/** Set N has key version N (docs/stock-files.md). */
function otaKeysOf({ secrets, otaAlgorithm: algorithm }: Subscription): OtaKey[] {
  return Object.entries(secrets).flatMap(([name, key]): OtaKey[] => {
    const [, kind, set] = /^ki([cdk])(\d+)$/.exec(name) ?? [];
    if (kind === undefined || typeof key !== 'string') return [];
    const id = ({ c: 1, d: 2, k: 3 } as const)[kind as 'c' | 'd' | 'k'];
    return [
      {
        version: Number(set),
        id,
        key: bytesOf(key),
        ...(algorithm === undefined ? {} : { algorithm }),
      },
    ];
  });
}

function akaOf({ secrets }: Subscription): AkaSubscription {
  const k = bytesOf(secrets.ki);
  if (secrets.topc !== undefined) return { algorithm: 'tuak', k, topc: bytesOf(secrets.topc) };
  return { algorithm: 'milenage', k, opc: bytesOf(secrets.opc ?? '') };
}

/** TS 31.102 §4.2.15: bit 11 of EF.ACC is not a class. */
function accessClassesOf(acc: string): number[] {
  return decodeEfAcc(bytesOf(acc)).filter((accessClass) => accessClass !== 10);
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.fromHex(hex);
}
