// Which orders of the account the profiles on an eUICC are.
import type { ReportedProfile } from '../euicc-record.ts';
import type { Unit } from '../../unit.ts';

export async function withOrders(
  accountSid: string,
  profiles: readonly ReportedProfile[],
  { tables }: Pick<Unit, 'tables'>,
): Promise<ReportedProfile[]> {
  const found: ReportedProfile[] = [];
  for (const profile of profiles) {
    const known = profile.esim_profile_sid;
    const order =
      known === undefined
        ? await tables.esimProfiles.findByIccid(accountSid, profile.iccid)
        : known;
    const esim_profile_sid = typeof order === 'object' ? (order?.sid ?? null) : (order ?? null);
    found.push({ ...profile, esim_profile_sid });
  }
  return found;
}
