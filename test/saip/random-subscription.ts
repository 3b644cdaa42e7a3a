// Random subscriptions, of random shapes.
import { findPlaceholders } from '../../src/saip/placeholders.ts';
import type { ProfileElement } from '../../src/saip/profile-element.ts';
import { elementsOf } from '../../src/saip/profile-element.ts';
import type { AkaSubscription, OtaKey, Subscription } from '../../src/saip/subscription.ts';

type Below = (below: number) => number;

/**
 * Values for the placeholders of the template, and any others, present or absent. Now and then a value that must be
 * refused: zeros, or one for which the template has no place.
 * @param shape for which values there are and their sizes
 * @param below for the values themselves
 */
export function randomSubscription(
  elements: readonly ProfileElement[],
  shape: Below,
  below: Below,
): Subscription {
  const maybe = <T>(value: () => T): T | undefined => (shape(2) === 0 ? undefined : value());
  const text = (size: number, digits = '0123456789') =>
    Array.from({ length: size }, () => digits[below(digits.length)]!).join('');
  const bytes = (size: number) =>
    below(400) === 0 ? new Uint8Array(size) : Uint8Array.from({ length: size }, () => below(256));
  const code = () => (below(400) === 0 ? '00000000' : text(8));
  const aka = (): AkaSubscription => {
    const options = shape(4) === 0 ? { algorithmOptions: below(8) } : {};
    if (shape(8) === 0) return { algorithm: 'usim-test-algorithm', k: bytes(16), ...options };
    if (shape(2) === 0) return { algorithm: 'milenage', k: bytes(16), opc: bytes(16), ...options };
    const keccak = shape(2) === 0 ? {} : { numberOfKeccak: 1 + shape(255) };
    const k = bytes(shape(2) === 0 ? 16 : 32);
    return { algorithm: 'tuak', k, topc: bytes(32), ...options, ...keccak };
  };
  const otaKey = (version: number, id: OtaKey['id']): OtaKey => {
    const algorithm = maybe(() => (shape(2) === 0 ? 'aes' : '3des'));
    const size = [16, 16, 24, 32][shape(algorithm === '3des' ? 3 : 4)]!;
    return { version, id, key: bytes(size), ...(algorithm === undefined ? {} : { algorithm }) };
  };
  const open = findPlaceholders(elements);
  const hasOptUsim = elementsOf(elements, 'opt-usim').length > 0;
  const hasDomain = elementsOf(elements, 'securityDomain').length > 0;
  const hasSmsp = elementsOf(elements, 'usim').some(({ value }) => 'ef-smsp' in value);
  const found = {
    accessClasses: maybe(() => [below(10), 11 + below(5)]),
    pin1: maybe(() => text(4 + below(5))),
    pin2: maybe(() => text(4 + below(5))),
    puk1: open.puk1 ? code() : maybe(code),
    puk2: open.puk2 ? code() : maybe(code),
    msisdn: hasOptUsim || shape(20) === 0 ? maybe(() => `+${text(1 + below(20))}`) : undefined,
    serviceCentre:
      hasSmsp || shape(20) === 0
        ? maybe(() => (below(9) === 0 ? '' : text(1 + below(20))))
        : undefined,
    spn: maybe(() => ({
      name: text(1 + below(16), 'abc XYZ'),
      displayPlmn: below(2) === 0,
      hideInRoaming: below(2) === 0,
    })),
    ims: shape(30) === 0 ? { impu: [`sip:${text(below(40))}@a`, 'tel:+1'] } : undefined,
    otaKeys:
      hasDomain || shape(20) === 0
        ? maybe(() =>
            [1, 2, 15]
              .slice(shape(3))
              .flatMap((version) =>
                ([1, 2, 3] as const).filter(() => shape(3) > 0).map((id) => otaKey(version, id)),
              ),
          )
        : undefined,
  };
  const given = Object.entries(found).filter(([, value]) => value !== undefined);
  return {
    iccid: `89${text(16 + below(3), below(3) === 0 ? '0123456789ABCDE' : '0123456789')}`,
    imsi: text(6 + shape(10)),
    mncLength: below(2) === 0 ? 2 : 3,
    aka: aka(),
    adm: Object.fromEntries(
      [...open.adm, ...(shape(4) === 0 ? (['adm1'] as const) : [])].map((name) => [
        name,
        below(2) === 0 ? code() : text(16, '0123456789abcdefABCDEF'),
      ]),
    ),
    sdKeys: open.sdKeys.map(({ version, id, size }) => ({ version, id, key: bytes(size) })),
    ...Object.fromEntries(given),
  };
}
