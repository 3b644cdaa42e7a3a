// Zeros the secrets of a template that can be derived for each subscription.
import { PUK_KEY_REFERENCES } from './codes.ts';
import { ADM_NAMES, PUBLIC_KEY_TYPES } from './not-personalised.ts';
import type { ProfileElement } from './profile-element.ts';
import type { KeyObject } from './security-domain.ts';

const PUK_REFERENCES = Object.values<number>(PUK_KEY_REFERENCES);

/** The same elements, with zeros for all secrets that can be derived per subscription. */
export function zeroSecrets(elements: readonly ProfileElement[]): ProfileElement[] {
  const zeros = Uint8Array.from({ length: 8 }, () => 0x30);
  return elements.map((element): ProfileElement => {
    if (element.name === 'pukCodes') {
      const pukCodes = element.value.pukCodes.map((puk) =>
        PUK_REFERENCES.includes(puk.keyReference) ? { ...puk, pukValue: zeros } : puk,
      );
      return { name: 'pukCodes', value: { ...element.value, pukCodes } };
    }
    if (element.name === 'pinCodes' && element.value.pinCodes.choice === 'pinconfig') {
      const pins = element.value.pinCodes.value.map((pin) =>
        ADM_NAMES.has(pin.keyReference) ? { ...pin, pinValue: zeros } : pin,
      );
      const pinCodes = { choice: 'pinconfig', value: pins } as const;
      return { name: 'pinCodes', value: { ...element.value, pinCodes } };
    }
    if (element.name === 'securityDomain' && element.value.keyList !== undefined) {
      const keyList = element.value.keyList.map(withZeroKey);
      return { name: 'securityDomain', value: { ...element.value, keyList } };
    }
    return element;
  });
}

function withZeroKey(key: KeyObject): KeyObject {
  const [component, ...others] = key.keyComponents;
  const isSecret = !PUBLIC_KEY_TYPES.includes(component?.keyType[0] ?? 0);
  if (component === undefined || others.length > 0 || !isSecret) return key;
  const keyData = new Uint8Array(component.keyData.length);
  return { ...key, keyComponents: [{ ...component, keyData }] };
}
