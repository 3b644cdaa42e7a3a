import { useRef } from 'preact/hooks';
import { api } from '../api.ts';
import { DetailsList } from '../components/details-list.tsx';
import { Id } from '../components/sid.tsx';
import { StatusPill } from '../components/status.tsx';
import { useMay } from '../session.ts';
import type { Sim } from '../types.ts';
import { useLoad } from '../use-load.ts';
import { SimDialog, useScheduled } from './sim-dialog.tsx';

/** The subscription in the profile. */
export function ProfileSim({ sid }: { sid: string }) {
  const path = `/v1/Sims/${sid}`;
  const { value: sim, change, reload } = useLoad(path, (signal) => api.get<Sim>(path, {}, signal));
  const mayChange = useMay('orders');
  const dialog = useRef<HTMLDialogElement>(null);
  useScheduled(sim === undefined ? [] : [sim], reload);
  if (sim === undefined) return null;
  return (
    <section class="card" aria-labelledby="sim">
      <h2 id="sim">Sim</h2>
      <DetailsList
        rows={[
          ['SID', <Id key="sid" text={sim.sid} what="Sim SID" whole />],
          ['Unique name', sim.unique_name],
          ['Status', <StatusPill key="status" status={sim.status} />],
        ]}
      />
      {mayChange && (
        <button type="button" class="button" onClick={() => dialog.current?.showModal()}>
          Edit
        </button>
      )}
      <SimDialog sim={sim} dialog={dialog} onChange={(changed) => change(() => changed)} />
    </section>
  );
}
