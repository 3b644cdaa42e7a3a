// Personalising an ISIM: EF.IMPI, EF.IMPU and EF.DOMAIN, which grow if the identities are longer than the template's.
import { compose } from './composed.ts';
import { editFile } from './edit-file.ts';
import { fcpOf, recordSizeOf, toBytes, toNumber } from './file-content.ts';
import type { Fcp } from './file.ts';
import { padImsObject } from './ims-identity.ts';
import type { Personalisation } from './personalisation.ts';
import { ownElementsOf } from './shared-template.ts';
import type { ProfileElement } from './profile-element.ts';
import { SaipError } from './saip-error.ts';

type Objects = NonNullable<Personalisation['ims']>;

export function setIms(elements: ProfileElement[], { impi, impu, domain }: Objects): void {
  setTransparent(elements, 'ef-impi', impi);
  setTransparent(elements, 'ef-domain', domain);
  if (impu.length === 0) {
    throw new SaipError('bad-size', 'subscription/ims/impu', '1 identity or more', '0');
  }
  const needed = Math.max(...impu.map(({ length }) => length));
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
  editFile(elements, 'isim', 'ef-impu', (old, { recordSize }) => {
    const records = compose(...impu.map((object) => padImsObject('ef-impu', object, recordSize)));
    const rest = Math.max(0, old.length - records.length);
    return compose(records, new Uint8Array(rest).fill(0xff));
  });
}

function setTransparent(
  elements: ProfileElement[],
  name: 'ef-impi' | 'ef-domain',
  object: Uint8Array,
): void {
  resizeFiles(elements, name, (fcp) => {
    const size = fcp.efFileSize ? toNumber(fcp.efFileSize) : 0;
    return { ...fcp, efFileSize: toBytes(Math.max(size, object.length)) };
  });
  editFile(elements, 'isim', name, (_, { size }) => padImsObject(name, object, size));
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
