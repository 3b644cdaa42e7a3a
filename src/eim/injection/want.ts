// An eUICC whose IPA listens is not waited for: what there is for it is sent as soon as it is on disk.
import { isListening } from './ipa.ts';
import type { EuiccRow } from '../../store/schema.ts';
import type { Unit } from '../../unit.ts';

export async function wantInjection(
  euicc: Pick<EuiccRow, 'eid' | 'account_sid' | 'ipa_url' | 'state'>,
  { tables, now, wake }: Pick<Unit, 'tables' | 'now' | 'wake'>,
): Promise<void> {
  if (!isListening(euicc)) return;
  const date = now.toISOString();
  await tables.eimInjections.want({
    eid: euicc.eid,
    account_sid: euicc.account_sid,
    wanted: 1,
    attempts: 0,
    acknowledgements: null,
    due_at: date,
    locked_until: null,
    date_created: date,
  });
  wake('injection');
}
