import { useState } from 'preact/hooks';
import { announce } from '../announce.tsx';
import { api, withQuery } from '../api.ts';
import { ActionDialog } from '../components/action-dialog.tsx';
import { DataTable, TableSkeleton } from '../components/data-table.tsx';
import type { Column } from '../components/data-table.tsx';
import { Field } from '../components/field.tsx';
import { Icon } from '../components/icon.tsx';
import { PageHead } from '../components/page-head.tsx';
import { Problem } from '../components/problem.tsx';
import { Time } from '../components/time.tsx';
import { toProblem } from '../http.ts';
import type { ApiProblem } from '../http.ts';
import { BASE } from '../location.ts';
import { useMay } from '../session.ts';
import { useTitle } from '../use-title.ts';
import { useEuiccChanges } from './euicc-events.ts';
import { FleetTabs } from './fleet-tabs.tsx';
import { EUICCS, GROUPS } from './paths.ts';
import { EUICC_STATES } from './types.ts';
import type { EuiccGroup } from './types.ts';
import { useGroups } from './use-groups.ts';
import './iot.css';

/** The groups of eUICCs. */
export function GroupsPage() {
  useTitle('Groups');
  const mayChange = useMay('orders');
  const { value, problem, slow, reload } = useGroups(true);
  useEuiccChanges(({ event }) => event.operation_sid === null, reload);
  const [edited, setEdited] = useState<EuiccGroup | 'new'>();
  const [refused, setRefused] = useState<ApiProblem>();

  async function remove({ sid }: EuiccGroup): Promise<void> {
    setRefused(undefined);
    try {
      await api.delete(`${GROUPS}/${sid}`);
      announce('The group is deleted');
    } catch (error) {
      setRefused(toProblem(error));
    }
    reload();
  }

  const columns: Column<EuiccGroup>[] = [
    {
      id: 'name',
      title: 'Group',
      phone: 'start',
      cell: ({ sid, name }) => (
        <a class="row-link" data-row-link href={`${BASE}/euiccs?group=${sid}`}>
          <span class="name">{name}</span>
        </a>
      ),
    },
    {
      id: 'euiccs',
      title: 'eUICCs',
      phone: 'below-end',
      cell: ({ euiccs }) => membersInWords(euiccs),
    },
    {
      id: 'created',
      title: 'Created',
      phone: 'end',
      cell: ({ date_created: date }) => <Time date={date} />,
    },
    {
      id: 'actions',
      title: 'Actions',
      phone: 'below',
      cell: (group) => (
        <span class="row-actions fleet-actions">
          <a href={withQuery(`${EUICCS}/Onboarding`, { Group: group.sid })} download>
            Onboarding
          </a>
          {mayChange && (
            <>
              <a href={`${BASE}/euiccs/bulk/new?group=${group.sid}`}>Ask all of it</a>
              <button
                type="button"
                class="button-quiet"
                aria-label={`Rename ${group.name}`}
                onClick={() => {
                  setRefused(undefined);
                  setEdited(group);
                }}
              >
                Rename
              </button>
              <button
                type="button"
                class="button-quiet"
                aria-label={`Delete ${group.name}`}
                onClick={() => void remove(group)}
              >
                Delete
              </button>
            </>
          )}
        </span>
      ),
    },
  ];

  return (
    <>
      <PageHead title="Groups of eUICCs">
        {mayChange && (
          <button type="button" class="button" onClick={() => setEdited('new')}>
            <Icon name="plus" />
            Make a group
          </button>
        )}
      </PageHead>
      <FleetTabs here="groups" />
      {problem !== undefined && <Problem problem={problem} retry={reload} />}
      {refused !== undefined && <Problem problem={refused} />}
      {value === undefined && slow && <TableSkeleton />}
      {value?.length === 0 && (
        <div class="empty">
          <h2>No groups yet</h2>
          <p>
            A group has eUICCs that belong together, such as those of a site or a model. Operations
            can be asked of all of it at once. Each eUICC is in one at most.
          </p>
        </div>
      )}
      {value !== undefined && value.length > 0 && (
        <DataTable title="Groups" columns={columns} rows={value} busy={false} />
      )}
      {edited !== undefined && (
        <GroupDialog
          group={edited === 'new' ? undefined : edited}
          onDone={reload}
          onClose={() => setEdited(undefined)}
        />
      )}
    </>
  );
}

/** "1,200: 1,180 associated, 20 registered" */
function membersInWords(counts: EuiccGroup['euiccs'] = { registered: 0, associated: 0, left: 0 }) {
  const present = EUICC_STATES.filter((state) => counts[state] > 0);
  if (present.length === 0) return 'none';
  const all = present.reduce((sum, state) => sum + counts[state], 0);
  const parts = present.map((state) => `${counts[state].toLocaleString()} ${state}`);
  return parts.length === 1 ? parts[0]! : `${all.toLocaleString()}: ${parts.join(', ')}`;
}

function GroupDialog({
  group,
  onDone,
  onClose,
}: {
  /** Undefined: a new one. */
  group: EuiccGroup | undefined;
  onDone: () => void;
  onClose: () => void;
}) {
  const [name, setName] = useState(group?.name ?? '');
  return (
    <ActionDialog
      title={group === undefined ? 'Make a group' : 'Rename the group'}
      path={group === undefined ? GROUPS : `${GROUPS}/${group.sid}`}
      form={{ Name: name.trim() }}
      button={group === undefined ? 'Make it' : 'Save'}
      fields={['Name']}
      check={() => ({ Name: name.trim() === '' ? 'Enter a name.' : undefined })}
      onDone={() => {
        announce('Saved');
        onDone();
      }}
      onClose={onClose}
    >
      {(problemOf) => (
        <Field
          label="Name"
          name="name"
          value={name}
          onInput={setName}
          placeholder="Berlin"
          help="At most 64 characters, and no other group may have it."
          problem={problemOf('Name')}
          autofocus
        />
      )}
    </ActionDialog>
  );
}
