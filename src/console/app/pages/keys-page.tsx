import { useRef, useState } from 'preact/hooks';
import { announce } from '../announce.tsx';
import { api } from '../api.ts';
import { DataTable, NONE, TableSkeleton } from '../components/data-table.tsx';
import type { Column } from '../components/data-table.tsx';
import { Icon } from '../components/icon.tsx';
import { PageHead } from '../components/page-head.tsx';
import { Problem } from '../components/problem.tsx';
import { Id } from '../components/sid.tsx';
import { StatusPill } from '../components/status.tsx';
import { Time } from '../components/time.tsx';
import { BASE } from '../location.ts';
import { useMay } from '../session.ts';
import type { Key, Meta } from '../types.ts';
import { useLoad } from '../use-load.ts';
import { useTitle } from '../use-title.ts';
import { scopeText } from '../scope-text.ts';
import { KeyDialog } from './key-dialog.tsx';
import { RevokeDialog } from './revoke-dialog.tsx';

/** Few accounts have more keys than fit on one page. */
const SIZE = '1000';

export function KeysPage() {
  useTitle('API keys');
  const mayChange = useMay('full');
  const { value, problem, slow, reload } = useLoad('/v1/Keys', (signal) =>
    api.get<{ keys: Key[]; meta: Meta }>('/v1/Keys', { PageSize: SIZE }, signal),
  );
  const [revoked, setRevoked] = useState<Key>();
  const creating = useRef<HTMLDialogElement>(null);
  const revoking = useRef<HTMLDialogElement>(null);

  const create = () => creating.current?.showModal();

  const columns: Column<Key>[] = [
    {
      id: 'name',
      title: 'Name',
      phone: 'start',
      cell: ({ friendly_name: name }) => name || NONE,
    },
    {
      id: 'sid',
      title: 'Key SID',
      phone: 'below',
      cell: ({ sid }) => <Id text={sid} what="key SID" />,
    },
    {
      id: 'scope',
      title: 'Scope',
      cell: ({ scope }) => scopeText(scope),
    },
    { id: 'created', title: 'Created', cell: ({ date_created: date }) => <Time date={date} /> },
    {
      id: 'state',
      title: 'State',
      phone: 'end',
      cell: ({ date_revoked: date }) =>
        date === null ? (
          <StatusPill status="active" />
        ) : (
          <span class="row-actions">
            <StatusPill status="revoked" />
            <Time date={date} />
          </span>
        ),
    },
    {
      id: 'actions',
      title: 'Actions',
      phone: 'below-end',
      cell: (key) =>
        key.date_revoked === null && mayChange ? (
          <button
            type="button"
            class="button-quiet"
            aria-label={`Revoke ${key.friendly_name || key.sid}`}
            onClick={() => {
              setRevoked(key);
              setTimeout(() => revoking.current?.showModal());
            }}
          >
            Revoke
          </button>
        ) : (
          NONE
        ),
    },
  ];

  return (
    <>
      <PageHead title="API keys">
        <a class="button" href={`${BASE}/audit`}>
          Audit log
        </a>
        {mayChange && (
          <button type="button" class="button button-primary" onClick={create}>
            <Icon name="plus" />
            Create a key
          </button>
        )}
      </PageHead>
      <p class="lead muted">
        A key gives a program access to the account without the auth token, and can be revoked by
        itself.
      </p>
      {problem !== undefined && <Problem problem={problem} retry={reload} />}
      {value === undefined && slow && <TableSkeleton />}
      {value?.keys.length === 0 && (
        <div class="empty">
          <h2>No API keys yet</h2>
          <p>Give each program its own key, so that you can revoke one without the others.</p>
          {mayChange && (
            <button type="button" class="button" onClick={create}>
              Create a key
            </button>
          )}
        </div>
      )}
      {value !== undefined && value.keys.length > 0 && (
        <DataTable title="API keys" columns={columns} rows={value.keys} busy={false} />
      )}
      <KeyDialog dialog={creating} onCreate={reload} />
      {revoked !== undefined && (
        <RevokeDialog
          record={revoked}
          dialog={revoking}
          onRevoke={() => {
            announce('Key revoked');
            reload();
          }}
        />
      )}
    </>
  );
}
