// Personalising an ISIM: EF.IMPI, EF.IMPU and EF.DOMAIN, which grow if the identities are longer than the template's.
import { editFile, missingTarget } from './edit-file.ts';
import { fcpOf, recordSizeOf, toBytes, toNumber } from './file-content.ts';
import type { Fcp } from './file.ts';
import { encodeImsValue, imsIdentityOf, imsObject } from './ims-identity.ts';
import type { ImsIdentity } from './ims-identity.ts';
import { ownElementsOf } from './shared-template.ts';
import { elementsOf } from './profile-element.ts';
import type { ProfileElement } from './profile-element.ts';
import { SaipError } from './saip-error.ts';
import type { Subscription } from './subscription.ts';

export function setIms(elements: ProfileElement[], subscription: Subscription): void {
  const expected = expectedIms(elements, subscription);
  if (!expected) {
    if (subscription.ims) throw missingTarget('isim', 'IMS identities');
    return;
  }
  const { impi, impu, domain } = expected;
  setTransparent(elements, 'ef-impi', impi);
  setTransparent(elements, 'ef-domain', domain);
  if (impu.length === 0) {
    throw new SaipError('bad-size', 'subscription/ims/impu', '1 identity or more', '0');
  }
  const needed = Math.max(...impu.map((uri) => imsObject(uri).length));
  resizeFiles(elements, 'ef-impu', (fcp) => {
    const size = Math.max(needed, recordSizeOf(fcp) ?? 0);
    const records = Math.max(impu.length, recordCount(fcp));
    const [first = 0x42, second = 0x21] = fcp.fileDescriptor ?? [];
    return {
      ...fcp,
      fileDescriptor: Uint8Array.of(first, second, size >> 8, size & 0xff),
      efFileSize: toBytes(size * records),
    };
  });
  editFile(elements, 'isim', 'ef-impu', (old, layout) => {
    const content = new Uint8Array(old.length).fill(0xff);
    impu.forEach((uri, i) => {
      content.set(encodeImsValue('ef-impu', uri, layout.recordSize), i * layout.recordSize);
    });
    return content;
  });
}

/** An ISIM always gets the subscription's identities: those given, or else those derived from its IMSI. */
export function expectedIms(
  elements: readonly ProfileElement[],
  { imsi, mncLength, ims }: Subscription,
): ImsIdentity | undefined {
  if (elementsOf(elements, 'isim').length === 0) return undefined;
  return { ...imsIdentityOf(imsi, mncLength), ...ims };
}

function setTransparent(
  elements: ProfileElement[],
  name: 'ef-impi' | 'ef-domain',
  text: string,
): void {
  const needed = imsObject(text).length;
  resizeFiles(elements, name, (fcp) => {
    const size = fcp.efFileSize ? toNumber(fcp.efFileSize) : 0;
    return { ...fcp, efFileSize: toBytes(Math.max(size, needed)) };
  });
  editFile(elements, 'isim', name, (_, { size }) => encodeImsValue(name, text, size));
}

function recordCount(fcp: Fcp): number {
  const recordSize = recordSizeOf(fcp) ?? 0;
  return fcp.efFileSize && recordSize > 0 ? Math.floor(toNumber(fcp.efFileSize) / recordSize) : 1;
}

function resizeFiles(
  elements: ProfileElement[],
  name: 'ef-impi' | 'ef-impu' | 'ef-domain',
  resize: (fcp: Fcp) => Fcp,
): void {
  for (const { value } of ownElementsOf(elements, 'isim')) {
    const file = value[name];
    const others = file.filter((item) => item.choice !== 'fileDescriptor');
    value[name] = [{ choice: 'fileDescriptor', value: resize(fcpOf(file) ?? {}) }, ...others];
  }
}
