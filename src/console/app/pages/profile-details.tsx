import { DetailsList } from '../components/details-list.tsx';
import { Id } from '../components/sid.tsx';
import { Time } from '../components/time.tsx';
import type { EsimProfile } from '../types.ts';

const id = (text: string | null, what: string) => text && <Id text={text} what={what} whole />;

export function ProfileDetails({ profile }: { profile: EsimProfile }) {
  return (
    <section class="card" aria-labelledby="details">
      <h2 id="details">Details</h2>
      <DetailsList
        rows={[
          ['ICCID', id(profile.iccid, 'ICCID')],
          ['EID', id(profile.eid, 'EID')],
          ['Matching ID', id(profile.matching_id, 'matching ID')],
          ['SM-DP+', id(profile.smdp_plus_address, 'SM-DP+ address')],
          ['Sim', id(profile.sim_sid, 'Sim SID')],
          ['Created', <Time key="created" date={profile.date_created} />],
          ['Updated', <Time key="updated" date={profile.date_updated} />],
        ]}
      />
    </section>
  );
}
