import { api } from '../api.ts';
import { BASE } from '../location.ts';
import type { Count, Meta } from '../types.ts';
import { useAccount } from '../use-account.ts';
import { inWords } from '../use-count.ts';
import { useLoad } from '../use-load.ts';
import { useEuiccChanges } from './euicc-events.ts';
import { bulkInWords } from './bulk-in-words.ts';
import { bulkPage, BULKS, EUICCS } from './paths.ts';
import type { BulkOperation } from './types.ts';

interface Devices {
  euiccs: Count;
  /** Those that have not ended. */
  bulks: readonly BulkOperation[];
}

/** What the eIM manages, and what is under way on many. Nothing without an eIM. */
export function IotDevicesCard() {
  const account = useAccount();
  const hasEim = account.value !== undefined && account.value.eim_id !== null;
  const { value, reload } = useLoad(
    hasEim ? 'IoT devices of the dashboard' : undefined,
    async (signal): Promise<Devices> => {
      const Status = ['running', 'paused', 'halted'];
      const [euiccs, { bulk_operations: bulks }] = await Promise.all([
        api.get<Count>(`${EUICCS}/Count`, {}, signal),
        api.get<{ bulk_operations: BulkOperation[]; meta: Meta }>(BULKS, { Status }, signal),
      ]);
      return { euiccs, bulks };
    },
  );
  return value === undefined ? null : <Card {...value} reload={reload} />;
}

function Card({ euiccs, bulks, reload }: Devices & { reload: () => void }) {
  useEuiccChanges(({ event, operation }) => {
    return event.operation_sid === null || operation?.bulk_sid != null;
  }, reload);
  return (
    <section class="card" aria-label="IoT devices">
      <h2>IoT devices, now</h2>
      <dl class="told">
        <div>
          <dt>eUICCs</dt>
          <dd>
            <a href={`${BASE}/euiccs`}>{inWords(euiccs)}</a>
          </dd>
        </div>
        {bulks.map((bulk) => (
          <div key={bulk.sid}>
            <dt>{bulkInWords(bulk)}</dt>
            <dd>
              <a href={bulkPage(bulk.sid)}>{bulk.status}</a>
            </dd>
          </div>
        ))}
      </dl>
      <p class="muted">
        <a href={`${BASE}/euiccs?seen=not-1d`}>Not seen for a day</a>
      </p>
    </section>
  );
}
