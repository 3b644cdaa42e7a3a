// QR codes as a ZIP archive: an image per eSIM Profile, named by its ICCID, and a table of them.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Zip, ZipDeflate, ZipPassThrough } from 'fflate';
import { csvLines } from '../export/csv.ts';
import { qrModules, qrPng, qrSvg } from './qr-code.ts';
import type { QrFormat } from './qr-code.ts';
import type { QrLabel } from './qr-labels.ts';

/** Images in one archive: as many as the largest batch of orders. */
export const ZIP_LIMIT = 10_000;
/** Pixels per side; a PNG of the longest activation code fits. */
export const ZIP_QR_SIZE = { least: 128, most: 1024, otherwise: 320 } as const;

const INDEX_COLUMNS = [
  'file',
  'sid',
  'iccid',
  'eid',
  'matching_id',
  'activation_code',
  'profile_type',
] as const;

export interface ZipForm {
  format: QrFormat;
  /** Pixels per side. */
  size: number;
  /** Of the files. */
  modified: Date;
  /** Images at most. */
  limit?: number;
}

/** In pieces, an image each; yields to other work in between. The table, `index.csv`, is the last file. */
export async function* qrZip(
  labels: AsyncIterable<QrLabel>,
  { format, size, modified, limit = ZIP_LIMIT }: ZipForm,
): AsyncGenerator<Uint8Array> {
  const written: Uint8Array[] = [];
  const zip = new Zip((error, piece) => {
    if (error !== null) throw error;
    written.push(piece);
  });
  const add = (name: string, content: string | Uint8Array): Uint8Array => {
    // A PNG is compressed already.
    const file = name.endsWith('.png') ? new ZipPassThrough(name) : new ZipDeflate(name);
    file.mtime = modified;
    zip.add(file);
    file.push(typeof content === 'string' ? Buffer.from(content) : content, true);
    return Buffer.concat(written.splice(0));
  };
  const names = new Set<string>();
  let index = csvLines([INDEX_COLUMNS], false);
  for await (const label of labels) {
    if (names.size === limit) break;
    const { sid, iccid, activation_code: activationCode } = label;
    if (activationCode === null) continue;
    const modules = qrModules(activationCode);
    const name = nameOf(label, format, names);
    names.add(name);
    index += csvLines(
      [[name, sid, iccid, label.eid, label.matching_id, activationCode, label.profile_type]],
      false,
    );
    yield add(name, format === 'svg' ? qrSvg(modules, size) : qrPng(modules, size));
    await nextTurn();
  }
  yield add('index.csv', index);
  zip.end();
  yield Buffer.concat(written.splice(0));
}

/** A profile that was released again has the ICCID of an older order. */
function nameOf({ sid, iccid }: QrLabel, format: QrFormat, taken: ReadonlySet<string>): string {
  const name = `${iccid ?? sid}.${format}`;
  return taken.has(name) ? `${iccid}-${sid}.${format}` : name;
}
