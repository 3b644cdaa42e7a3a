import { useEffect, useState } from 'preact/hooks';
import { announce, announceOften } from '../announce.tsx';
import { Icon } from '../components/icon.tsx';
import { Menu } from '../components/menu.tsx';
import { useQuery } from '../location.ts';
import { filterParameters, isFiltered } from '../pages/profiles-query.ts';
import { countOf, dropSelection, isEmpty, selectAllMatching, selection } from '../selection.ts';
import { useMayChange } from '../session.ts';
import { useStore } from '../store.ts';
import { ACTIONS } from './actions.ts';
import type { BulkAction } from './actions.ts';
import { BulkDialog } from './bulk-dialog.tsx';
import { ExportMenu } from './export-menu.tsx';
import { job } from './job.ts';

/** What can be done with the selected eSIM Profiles. */
export function SelectionBar() {
  const chosen = useStore(selection);
  const query = useQuery();
  const mayChange = useMayChange();
  const isBusy = ['waiting', 'running', 'paused'].includes(useStore(job)?.state ?? '');
  const [action, setAction] = useState<BulkAction>();
  const count = countOf(chosen)?.toLocaleString();
  useEffect(() => {
    if (count !== undefined && count !== '0') announceOften(`${count} selected`);
  }, [count]);
  if (isEmpty(chosen)) return null;
  const but = chosen.kind === 'all' && chosen.but.size > 0 ? ` but ${chosen.but.size}` : '';
  return (
    <section class="dock-bar" aria-label="Selection">
      <div class="dock-text">
        <p>
          <strong>
            {count === undefined ? `All profiles that match${but}` : `${count} selected`}
          </strong>
          {chosen.kind === 'some' && (
            <button
              type="button"
              class="button-quiet"
              onClick={() => {
                selectAllMatching(filterParameters(query), undefined);
                announce('All profiles that match are selected');
              }}
            >
              {isFiltered(query) ? 'Select all that match the filter' : 'Select all profiles'}
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
