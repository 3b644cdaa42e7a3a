// The columns of the table of eUICCs.
import { NONE } from '../components/data-table.tsx';
import type { Column } from '../components/data-table.tsx';
import { Id } from '../components/sid.tsx';
import { StatusPill } from '../components/status.tsx';
import { Time } from '../components/time.tsx';
import { BASE } from '../location.ts';
import { euiccPage } from './paths.ts';
import type { Euicc, EuiccGroup } from './types.ts';
import { groupName } from './use-groups.ts';

export const euiccColumns = (groups: readonly EuiccGroup[] | undefined): Column<Euicc>[] => [
  {
    id: 'name',
    title: 'eUICC',
    phone: 'start',
    cell: ({ sid, eid, friendly_name: name }) => (
      <span class="id">
        <a class="row-link" data-row-link href={euiccPage(sid)} title={eid}>
          {name === null ? (
            <code>{`${eid.slice(0, 8)}…${eid.slice(-8)}`}</code>
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
  {
    id: 'eid',
    title: 'EID',
    phone: 'below',
    cell: ({ eid }) => <Id text={eid} what="EID" whole />,
  },
  {
    id: 'enabled',
    title: 'Profile in use',
    cell: ({ profiles }) => {
      const enabled = profiles?.find(({ state }) => state === 'enabled');
      return enabled === undefined ? NONE : <Id text={enabled.iccid} what="ICCID" whole />;
    },
  },
  {
    id: 'profiles',
    title: 'Profiles',
    cell: ({ profiles }) => (profiles === null ? NONE : profiles.length),
  },
  {
    id: 'group',
    title: 'Group',
    cell: ({ group_sid: sid }) =>
      sid === null ? (
        NONE
      ) : (
        <a href={`${BASE}/euiccs?group=${sid}`}>{groupName(groups, sid) ?? '…'}</a>
      ),
  },
  {
    id: 'metadata',
    title: 'Metadata',
    cell: ({ metadata }) =>
      Object.entries(metadata)
        .map((pair) => pair.join('='))
        .join(', ') || NONE,
  },
  {
    id: 'seen',
    title: 'Last seen',
    phone: 'below-end',
    cell: ({ date_seen: date }) =>
      date === null ? <span class="muted">never</span> : <Time date={date} />,
  },
  { id: 'created', title: 'Registered', cell: ({ date_created: date }) => <Time date={date} /> },
  { id: 'sid', title: 'SID', cell: ({ sid }) => <Id text={sid} what="eUICC SID" /> },
  {
    id: 'versions',
    title: 'SGP.32',
    cell: ({ capabilities }) => capabilities?.iot_versions?.join(', ') ?? NONE,
  },
  { id: 'key', title: 'Key', cell: ({ key }) => key },
];

export const SHOWN_EUICC_COLUMNS = ['name', 'status', 'eid', 'enabled', 'group', 'seen'];
