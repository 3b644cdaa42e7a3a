import type { ComponentChildren } from 'preact';
import { BatchLink } from '../components/batch-link.tsx';
import { DetailsList } from '../components/details-list.tsx';
import { Id } from '../components/sid.tsx';
import { Time } from '../components/time.tsx';
import type { EsimProfile } from '../types.ts';
import { ProfileLink } from './profile-next.tsx';

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
          ...optional(profile),
          ['Created', <Time key="created" date={profile.date_created} />],
          ['Updated', <Time key="updated" date={profile.date_updated} />],
        ]}
      />
    </section>
  );
}

/** What only some profiles have. */
function optional(profile: EsimProfile): [string, ComponentChildren][] {
  const { status, expires_at: expires, replaces_sid: old, replaced_by_sid: other } = profile;
  const { profile_type: type, batch_sid: batch } = profile;
  const rows: [string, ComponentChildren][] = [];
  if (type !== undefined) rows.push(['Profile type', type]);
  if (batch !== undefined) rows.push(['Batch', <BatchLink key="batch" sid={batch} />]);
  const canExpire = status === 'new' || status === 'reserving' || status === 'available';
  if (expires !== undefined) rows.push(['Expires', <Time key="expires" date={expires} />]);
  else if (canExpire) rows.push(['Expires', 'never']);
  if (old !== undefined) rows.push(['Replaces', <ProfileLink key="replaces" sid={old} />]);
  if (other !== undefined) rows.push(['Replaced by', <ProfileLink key="by" sid={other} />]);
  return rows;
}
