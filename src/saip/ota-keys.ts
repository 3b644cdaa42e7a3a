// The subscription's keys for OTA messages (TS 102 225, SCP80): each replaces the template's key with the same
// version and identifier, or is added.
import { missingTarget } from './edit-file.ts';
import type { ProfileElement } from './profile-element.ts';
import { SaipError } from './saip-error.ts';
import { KEY_SIZES, KEY_TYPES, OTA_KEY_USAGES } from './security-domain.ts';
import type { KeyObject } from './security-domain.ts';
import { ownElementsOf } from './shared-template.ts';
import type { OtaAlgorithm, OtaKey } from './subscription.ts';

const TYPES: Readonly<Record<OtaAlgorithm, number>> = { aes: KEY_TYPES.aes, '3des': KEY_TYPES.des };
const LAST_VERSION = 0x0f; // TS 102 225 annex A

export function setOtaKeys(elements: ProfileElement[], keys: readonly OtaKey[]): void {
  if (keys.length === 0) return;
  // The first security domain is the operator's; the others belong to third parties.
  const [domain] = ownElementsOf(elements, 'securityDomain');
  if (!domain) throw missingTarget('securityDomain', 'OTA keys');
  const keyList = [...(domain.value.keyList ?? [])];
  const usual = keyList.find(({ keyVersionNumber: [version] }) => version! <= LAST_VERSION);
  const usualType = usual?.keyComponents[0]?.keyType ?? Uint8Array.of(KEY_TYPES.aes);
  for (const key of keys) {
    const at = keyList.findIndex(
      ({ keyVersionNumber, keyIdentifier }) =>
        keyVersionNumber[0] === key.version && keyIdentifier[0] === key.id,
    );
    if (at < 0) keyList.push(keyObjectOf(key, undefined, usualType));
    else keyList[at] = keyObjectOf(key, keyList[at], usualType);
  }
  domain.value.keyList = keyList;
}

function keyObjectOf(
  { version, id, key, algorithm }: OtaKey,
  before: KeyObject | undefined,
  usualType: Uint8Array,
): KeyObject {
  const where = `securityDomain/key ${version}/${id}`;
  const [component, ...others] = before?.keyComponents ?? [];
  if (others.length > 0) {
    throw new SaipError('ambiguous-target', where, 'a key of one component', 'several');
  }
  const keyType =
    algorithm === undefined ? (component?.keyType ?? usualType) : Uint8Array.of(TYPES[algorithm]);
  const sizes = KEY_SIZES[keyType[0] ?? 0];
  if (sizes && !sizes.includes(key.length)) {
    throw new SaipError('bad-size', where, `${sizes.join(' or ')} bytes`, `${key.length}`);
  }
  return {
    ...(before ?? {
      keyUsageQualifier: Uint8Array.of(OTA_KEY_USAGES[id]),
      keyIdentifier: Uint8Array.of(id),
      keyVersionNumber: Uint8Array.of(version),
    }),
    keyComponents: [{ ...component, keyType, keyData: key }],
  };
}
