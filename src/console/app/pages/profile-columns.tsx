// The columns of the profile table, and the choice of those shown in this browser.
import { NONE } from '../components/data-table.tsx';
import type { Column, Remark } from '../components/data-table.tsx';
import { useColumns } from '../components/column-choice.tsx';
import { BatchLink } from '../components/batch-link.tsx';
import { Id } from '../components/sid.tsx';
import { StatusPill } from '../components/status.tsx';
import { Time } from '../components/time.tsx';
import { BASE } from '../location.ts';
import type { EsimProfile } from '../types.ts';

const id = (text: string | null, what: string, whole = false) =>
  text === null ? NONE : <Id text={text} what={what} whole={whole} />;

export const PROFILE_COLUMNS: readonly Column<EsimProfile>[] = [
  {
    id: 'sid',
    title: 'Profile',
    phone: 'start',
    cell: ({ sid, friendly_name: name }) => (
      <span class="id">
        <a class="row-link" data-row-link href={`${BASE}/profiles/${sid}`} title={sid}>
          {name === undefined ? (
            <code>{`${sid.slice(0, 10)}…${sid.slice(-6)}`}</code>
          ) : (
            <span class="name">{name}</span>
          )}
        </a>
      </span>
    ),
  },
  {
    id: 'status',
    title: 'Status',
    phone: 'end',
    cell: ({ status }) => <StatusPill status={status} />,
  },
  { id: 'iccid', title: 'ICCID', phone: 'below', cell: ({ iccid }) => id(iccid, 'ICCID', true) },
  { id: 'eid', title: 'EID', cell: ({ eid }) => id(eid, 'EID') },
  {
    id: 'matching_id',
    title: 'Matching ID',
    cell: ({ matching_id: matchingId }) => id(matchingId, 'matching ID'),
  },
  {
    id: 'metadata',
    title: 'Metadata',
    cell: ({ metadata }) => (metadata === undefined ? NONE : <Metadata of={metadata} />),
  },
  {
    id: 'created',
    title: 'Created',
    phone: 'below-end',
    cell: ({ date_created: date }) => <Time date={date} />,
  },
  {
    id: 'profile_type',
    title: 'Type',
    cell: ({ profile_type: type }) => type ?? NONE,
  },
  {
    id: 'expires_at',
    title: 'Expires',
    cell: ({ expires_at: date }) => (date === undefined ? NONE : <Time date={date} />),
  },
  {
    id: 'batch_sid',
    title: 'Batch',
    cell: ({ batch_sid: batch }) => (batch === undefined ? NONE : <BatchLink sid={batch} />),
  },
  { id: 'updated', title: 'Updated', cell: ({ date_updated: date }) => <Time date={date} /> },
  { id: 'sim_sid', title: 'Sim', cell: ({ sim_sid: sim }) => id(sim, 'Sim SID') },
  {
    id: 'smdp_plus_address',
    title: 'SM-DP+',
    cell: ({ smdp_plus_address: address }) => id(address, 'SM-DP+ address', true),
  },
  {
    id: 'activation_code',
    title: 'Activation code',
    cell: ({ activation_code: code }) => id(code, 'activation code'),
  },
  {
    id: 'error',
    title: 'Error',
    cell: ({ error_code: code, error_message: message }) =>
      code === null ? NONE : <span title={message ?? ''}>{code}</span>,
  },
];

/** Links to the list of all that have the same value. */
function Metadata({ of }: { of: Readonly<Record<string, string>> }) {
  const pairs = Object.entries(of);
  return (
    <span class="pairs" title={pairs.map((pair) => pair.join(' = ')).join('\n')}>
      {pairs.slice(0, 2).map(([key, value]) => {
        const meta = new URLSearchParams({ [key]: value }).toString();
        return (
          <a key={key} href={`${BASE}/profiles?${new URLSearchParams({ meta }).toString()}`}>
            {key}={value}
          </a>
        );
      })}
      {pairs.length > 2 && <span class="muted">+{pairs.length - 2}</span>}
    </span>
  );
}

/** A failed profile's code is useless, so its column can show the reason; so can columns without a value. */
const USELESS = ['matching_id', 'activation_code', 'error'];
const VALUES = [
  'iccid',
  'eid',
  'matching_id',
  'sim_sid',
  'smdp_plus_address',
  'activation_code',
] as const;

/** Why a profile failed, in place of empty or useless cells. */
export function remarkOf(profile: EsimProfile): Remark | undefined {
  if (profile.status !== 'failed') return undefined;
  const missing = VALUES.filter((value) => profile[value] === null);
  const text = profile.error_message ?? 'The cause is unknown.';
  return { instead: [...missing, ...USELESS], text: <span title={text}>{text}</span> };
}

const DEFAULT = ['sid', 'status', 'iccid', 'eid', 'matching_id', 'created'];
/** Which codes they have is the owner's least concern. */
const LABELLED = ['sid', 'status', 'iccid', 'eid', 'metadata', 'created'];
const REMEMBERED = 'profile-columns';

/** The API's fields of columns that are not named as theirs. */
const FIELDS: Record<string, readonly string[]> = {
  sid: ['sid', 'friendly_name'],
  created: ['date_created'],
  updated: ['date_updated'],
  error: ['error_code', 'error_message'],
};

/** The columns that the table has shown last. */
let lastShown: Column<EsimProfile>[] = [];

/** The API's fields in the columns that are shown, in their order. */
export function shownFields(): string[] {
  return lastShown.flatMap(({ id: name }) => FIELDS[name] ?? [name]);
}

/**
 * @param hasMetadata whether there is any to be seen, so that it has a column unless others were chosen
 * @returns the columns to show, and a function that toggles one
 */
export function useProfileColumns(
  hasMetadata: boolean,
): [Column<EsimProfile>[], (id: string) => void] {
  const [shown, toggle] = useColumns(PROFILE_COLUMNS, REMEMBERED, hasMetadata ? LABELLED : DEFAULT);
  lastShown = shown;
  return [shown, toggle];
}
