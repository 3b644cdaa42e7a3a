import { useEffect, useState } from 'preact/hooks';
import { announceOften } from '../announce.tsx';
import { useProfileChanges } from '../events.ts';
import { Icon } from '../components/icon.tsx';
import { Menu } from '../components/menu.tsx';
import { useQuery } from '../location.ts';
import { filterParameters, isFiltered } from '../pages/profiles-query.ts';
import { dropSelection, isEmpty, selectAllMatching, selection } from '../selection.ts';
import type { Selection } from '../selection.ts';
import { useMay } from '../session.ts';
import { useStore } from '../store.ts';
import type { Count } from '../types.ts';
import { inWords, useCount } from '../use-count.ts';
import { ACTIONS } from './actions.ts';
import type { BulkAction } from './actions.ts';
import { BulkDialog } from './bulk-dialog.tsx';
import { ExportMenu } from './export-menu.tsx';
import { job } from './job.ts';

/** What can be done with the selected eSIM Profiles. */
export function SelectionBar() {
  const chosen = useStore(selection);
  const query = useQuery();
  const mayChange = useMay('orders');
  const isBusy = ['waiting', 'running', 'paused'].includes(useStore(job)?.state ?? '');
  const [action, setAction] = useState<BulkAction>();
  const filter = filterParameters(query);
  const total = useCount('/v1/ESimProfiles/Count', isEmpty(chosen) ? undefined : filter);
  useProfileChanges(total.reloadSoon, total.reloadSoon);
  const title = titleOf(chosen, total.value);
  useEffect(() => {
    if (!isEmpty(chosen)) announceOften(title);
  }, [title]);
  if (isEmpty(chosen)) return null;
  return (
    <section class="dock-bar" aria-label="Selection">
      <div class="dock-text">
        <p>
          <strong>{title}</strong>
          {chosen.kind === 'some' && chosen.profiles.size !== total.value?.count && (
            <button
              type="button"
              class="button-quiet"
              onClick={() => {
                selectAllMatching(filter);
              }}
            >
              Select all{total.value === undefined ? '' : ` ${inWords(total.value)}`}
              {isFiltered(query) ? ' that match the filter' : ' profiles'}
            </button>
          )}
        </p>
      </div>
      <div class="dock-actions">
        {mayChange && (
          <Menu title="Change" icon="edit" up>
            {(close) =>
              ACTIONS.map((one) => (
                <button
                  key={one.id}
                  type="button"
                  disabled={isBusy}
                  title={isBusy ? 'Another change is in progress' : undefined}
                  onClick={() => {
                    close();
                    setAction(one);
                  }}
                >
                  {one.title}…
                </button>
              ))
            }
          </Menu>
        )}
        <ExportMenu chosen={chosen} up />
        <button type="button" class="button" onClick={dropSelection}>
          <Icon name="close" />
          Clear
        </button>
      </div>
      {action !== undefined && (
        <BulkDialog action={action} chosen={chosen} onClose={() => setAction(undefined)} />
      )}
    </section>
  );
}

function titleOf(chosen: Selection, total: Count | undefined): string {
  if (chosen.kind === 'some') return `${chosen.profiles.size.toLocaleString()} selected`;
  const but = chosen.but.size === 0 ? '' : ` but ${chosen.but.size.toLocaleString()}`;
  return `All${total === undefined ? '' : ` ${inWords(total)}`} that match${but}`;
}
