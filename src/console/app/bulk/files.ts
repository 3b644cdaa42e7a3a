// Files of selected eSIM Profiles. The server makes them, except Intune's, which is made of what the page has read.
import { INTUNE_STATUS, intuneFile } from '../../../operator/export/intune.ts';
import { api, withQuery } from '../api.ts';
import type { Parameters } from '../api.ts';
import type { Selection } from '../selection.ts';
import type { Status } from '../types.ts';
import type { Selected } from './collect.ts';
import { profiles } from './words.ts';

export const EXPORT = '/v1/ESimProfiles/Export';
const PATHS = { sheet: '/v1/ESimProfiles/QrSheet', zip: '/v1/ESimProfiles/QrCodes' } as const;

export type TableKind = 'csv' | 'shown' | 'spreadsheet' | 'jsonl';
export type FileKind = TableKind | 'sheet' | 'zip' | 'intune';

export interface Table {
  kind: TableKind;
  title: string;
  /** @param shown the fields of the columns that are shown */
  parameters: (shown: readonly string[]) => Parameters;
}

export const TABLES: readonly Table[] = [
  { kind: 'csv', title: 'CSV, all columns', parameters: () => ({}) },
  {
    kind: 'shown',
    title: 'CSV, the columns shown',
    parameters: (shown) => ({ Columns: shown.join() }),
  },
  {
    kind: 'spreadsheet',
    title: 'CSV for Excel',
    parameters: () => ({ Spreadsheet: 'true' }),
  },
  { kind: 'jsonl', title: 'JSON Lines', parameters: () => ({ Format: 'jsonl' }) },
];

/** A file to save or open. */
export interface File {
  name: string;
  href: string;
  text: string;
}

/** SIDs in one request: Node.js accepts 16 KiB of headers, its first line included. */
const SIDS = 350;
/** Statuses whose codes a device can still use. */
const USABLE: readonly Status[] = ['available', 'downloaded'];

/** A table in the order of the list: parts, each narrowed to some SIDs, joined. Throws `ApiProblem`. */
export async function tableFile(
  { kind, parameters }: Table,
  selected: readonly Selected[],
  shown: readonly string[],
  signal: AbortSignal,
): Promise<File> {
  const texts: string[] = [];
  for (let at = 0; at < selected.length; at += SIDS) {
    const Sid = sidsOf(selected.slice(at, at + SIDS));
    const response = await api.open(EXPORT, { Sid, ...parameters(shown) }, signal);
    const text = await response.text();
    // The names of the columns are on the first line of each part.
    texts.push(at === 0 || kind === 'jsonl' ? text : text.slice(text.indexOf('\n') + 1));
  }
  const type = kind === 'jsonl' ? 'application/x-ndjson' : 'text/csv';
  return {
    name: `esim-profiles.${kind === 'jsonl' ? 'jsonl' : 'csv'}`,
    href: urlOf(texts, type),
    text: profiles(selected.length),
  };
}

/** Sheets or archives of the codes that can be used. */
export function codeFiles(
  kind: 'sheet' | 'zip',
  chosen: Selection,
  usable: readonly Selected[],
): File[] {
  if (usable.length === 0) return [];
  const name = kind === 'sheet' ? 'QR sheet' : 'qr-codes';
  if (chosen.kind === 'all' && chosen.but.size === 0) {
    const asked = [chosen.filter['Status'] ?? []].flat();
    const Status = asked.length === 0 ? [...USABLE] : USABLE.filter((one) => asked.includes(one));
    return [
      {
        name,
        href: withQuery(PATHS[kind], { ...chosen.filter, Status }),
        text: profiles(usable.length),
      },
    ];
  }
  return parts(usable).map((part, index, { length }) => ({
    name: length === 1 ? name : `${name} ${index + 1}`,
    href: withQuery(PATHS[kind], { Sid: sidsOf(part) }),
    text: profiles(part.length),
  }));
}

/** Throws `NotForIntune`. */
export async function intuneFiles(selected: readonly Selected[]): Promise<File[]> {
  const files: File[] = [];
  const available = selected.filter(({ status }) => status === INTUNE_STATUS);
  for (let rest = available; rest.length > 0;) {
    const made = await intuneFile(oneOf(rest.map((profile) => JSON.stringify(profile))));
    files.push({
      name: `intune${files.length === 0 ? '' : `-${files.length + 1}`}.csv`,
      href: urlOf([made.text], 'text/csv'),
      text: profiles(made.count),
    });
    const { last } = made;
    rest = last === undefined ? [] : rest.filter(({ sid }) => sid < last);
  }
  return files;
}

/** Why a profile has no code in a file; undefined: it has one. */
export function whyNoCode(
  { status, activation_code: code }: Selected,
  kind: 'sheet' | 'zip' | 'intune',
): string | undefined {
  if (kind === 'intune' && status !== INTUNE_STATUS) return 'only available ones';
  if (!USABLE.includes(status)) return 'no code that can be used';
  if (code === null) return 'needs no code: bound to a device';
  // SGP.22 §4.1: the fifth field says whether a confirmation code is required.
  if (kind === 'intune' && code.split('$')[4] === '1') return 'needs a confirmation code';
  return undefined;
}

async function* oneOf<T>(page: T): AsyncGenerator<T> {
  yield page;
}

function parts(selected: readonly Selected[]): Selected[][] {
  const count = Math.ceil(selected.length / SIDS);
  return Array.from({ length: count }, (_, index) =>
    selected.slice(index * SIDS, (index + 1) * SIDS),
  );
}

const sidsOf = (selected: readonly Selected[]) => selected.map(({ sid }) => sid).join();

function urlOf(text: readonly string[], type: string): string {
  return URL.createObjectURL(new Blob([...text], { type: `${type};charset=utf-8` }));
}
