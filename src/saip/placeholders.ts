// The secrets of a template that are zero, for which each subscription needs its own.
import { PIN_KEY_REFERENCES, PUK_KEY_REFERENCES } from './codes.ts';
import type { ProfileElement } from './profile-element.ts';
import { elementsOf } from './profile-element.ts';
import type { AdmName } from './subscription.ts';

export interface Placeholders {
  puk1: boolean;
  puk2: boolean;
  adm: AdmName[];
  sdKeys: { version: number; id: number; size: number }[];
}

export function findPlaceholders(elements: readonly ProfileElement[]): Placeholders {
  const pins = elementsOf(elements, 'pinCodes')
    .map(({ value }) => value.pinCodes)
    .flatMap((codes) => (codes.choice === 'pinconfig' ? codes.value : []));
  const puks = elementsOf(elements, 'pukCodes').flatMap(({ value }) => value.pukCodes);
  const isOpen = (keyReference: number): boolean =>
    puks.some((puk) => puk.keyReference === keyReference && isZeros(puk.pukValue));
  const names = Object.keys(PIN_KEY_REFERENCES) as (keyof typeof PIN_KEY_REFERENCES)[];
  return {
    puk1: isOpen(PUK_KEY_REFERENCES.pukAppl1),
    puk2: isOpen(PUK_KEY_REFERENCES.secondPUKAppl1),
    adm: names
      .filter((name): name is AdmName => name.startsWith('adm'))
      .filter((name) =>
        pins.some(
          ({ keyReference, pinValue }) =>
            keyReference === PIN_KEY_REFERENCES[name] && isZeros(pinValue),
        ),
      ),
    sdKeys: elementsOf(elements, 'securityDomain')
      .flatMap(({ value }) => value.keyList ?? [])
      .flatMap(({ keyVersionNumber, keyIdentifier, keyComponents }) => {
        const [component, ...others] = keyComponents;
        if (component === undefined || others.length > 0) return [];
        if (component.keyData.some((byte) => byte !== 0)) return [];
        const [version, id] = [keyVersionNumber[0] ?? 0, keyIdentifier[0] ?? 0];
        return [{ version, id, size: component.keyData.length }];
      }),
  };
}

/** Eight digits 0. */
function isZeros(code: Uint8Array): boolean {
  return code.every((byte) => byte === 0x30);
}
