// Which eSIM Profiles a sheet of QR codes has labels for, and what is written on them.
import type { Position } from '../store/pages.ts';
import type { EsimProfileRow, EsimProfileStatus } from '../store/schema.ts';
import type { Store } from '../store/store.ts';
import { createdBetween } from './sid.ts';

/** An eSIM Profile that has an activation code; `profile_type` is that of its subscription. */
export interface QrLabel {
  sid: string;
  eid: string | null;
  iccid: string | null;
  matching_id: string | null;
  activation_code: string;
  profile_type: string | null;
}

/** All must hold. */
export interface QrLabelFilter {
  /** Just these, each of which must have an activation code. */
  sids?: readonly string[] | undefined;
  /** By default those that can still be downloaded, or of `sids` any. */
  statuses?: readonly EsimProfileStatus[] | undefined;
  eid?: string | undefined;
  createdAfter?: Date | undefined;
}

/** An eSIM Profile that was asked for by its SID is not there (`row` undefined), or has no activation code. */
export class NoActivationCode extends Error {
  override name = 'NoActivationCode';
  readonly sid: string;
  readonly row: EsimProfileRow | undefined;

  constructor(sid: string, row: EsimProfileRow | undefined) {
    super(
      row === undefined
        ? `There is no eSIM Profile ${sid}`
        : `eSIM Profile ${sid} has no activation code${isEarly(row) ? ' yet' : ''}: it is ${row.status}`,
    );
    this.sid = sid;
    this.row = row;
  }
}

const isEarly = ({ status }: EsimProfileRow) => status === 'new' || status === 'reserving';

const AT_ONCE = 200;

type Source = Omit<QrLabel, 'profile_type' | 'activation_code'> &
  Pick<EsimProfileRow, 'activation_code'>;

/** By SID in the order asked for, otherwise newest first; a page at a time. Throws `NoActivationCode`. */
export async function* qrLabels(
  accountSid: string,
  filter: QrLabelFilter,
  store: Store,
): AsyncGenerator<QrLabel> {
  const pages = filter.sids === undefined ? newestFirst : bySid;
  for await (const page of pages(accountSid, filter, store)) {
    yield* await withTypes(accountSid, page, store);
  }
}

async function* newestFirst(
  accountSid: string,
  { statuses = ['available'], eid, createdAfter }: QrLabelFilter,
  store: Store,
): AsyncGenerator<Source[]> {
  let position: Position = { kind: 'first' };
  for (;;) {
    const { rows, more } = await store.esimProfilePages(
      { account_sid: accountSid, eid, status: [...new Set(statuses)] },
      position,
      AT_ONCE,
      createdBetween('esimProfile', createdAfter),
    );
    yield rows.map(({ resource }) => JSON.parse(resource) as Source);
    if (!more) return;
    position = { kind: 'older', than: rows.at(-1)!.sid };
  }
}

async function* bySid(
  accountSid: string,
  { sids, statuses, eid, createdAfter }: QrLabelFilter,
  store: Store,
): AsyncGenerator<Source[]> {
  const { above = '' } = createdBetween('esimProfile', createdAfter);
  const wanted = [...new Set(sids)];
  for (let at = 0; at < wanted.length; at += AT_ONCE) {
    const asked = wanted.slice(at, at + AT_ONCE);
    const found = await store.esimProfiles.findMany(accountSid, asked);
    const rows = new Map(found.map((row) => [row.sid, row]));
    yield asked.flatMap((sid) => {
      const row = rows.get(sid);
      if (row === undefined) throw new NoActivationCode(sid, row);
      if (statuses?.includes(row.status) === false || row.eid !== (eid ?? row.eid)) return [];
      if (sid < above) return [];
      if (row.activation_code === null) throw new NoActivationCode(sid, row);
      return [row];
    });
  }
}

async function withTypes(accountSid: string, page: Source[], store: Store): Promise<QrLabel[]> {
  const iccids = page.flatMap(({ iccid }) => iccid ?? []);
  const subscriptions = await store.subscriptions.findMany(accountSid, iccids);
  const types = new Map(subscriptions.map((row) => [row.iccid, row.profile_type]));
  return page.flatMap(({ sid, eid, iccid, matching_id, activation_code }) =>
    activation_code === null
      ? []
      : [
          {
            sid,
            eid,
            iccid,
            matching_id,
            activation_code,
            profile_type: types.get(iccid ?? '') ?? null,
          },
        ],
  );
}
