import type { ComponentChildren } from 'preact';
import { DetailsList } from '../components/details-list.tsx';
import { Id } from '../components/sid.tsx';
import { Time } from '../components/time.tsx';
import { BASE } from '../location.ts';
import type { Capabilities, Euicc } from './types.ts';

/** What is known of an eUICC: of its association with us, and what it can do. */
export function EuiccDetails({ euicc, group }: { euicc: Euicc; group: string | undefined }) {
  const { sid, date_seen: seen, capabilities, group_sid: groupSid, metadata } = euicc;
  const { eim_ids: eims, default_smdp_address: address, immediate_enable: immediate } = euicc;
  return (
    <>
      <section class="card" aria-labelledby="euicc-details">
        <h2 id="euicc-details">Details</h2>
        <DetailsList
          rows={[
            ['SID', <Id key="sid" text={sid} what="eUICC SID" whole />],
            [
              'Group',
              group && (
                <a key="group" href={`${BASE}/euiccs?group=${groupSid}`}>
                  {group}
                </a>
              ),
            ],
            ...Object.entries(metadata),
            ['Last seen', seen === null ? 'never' : <Time key="seen" date={seen} />],
            ['Certificate', euicc.has_certificate ? 'known, verified' : 'not known yet'],
            ['Our key', `number ${euicc.key}`],
            ['Counter', euicc.counter.toLocaleString()],
            [
              'Last result',
              euicc.sequence_number === null ? 'none yet' : `number ${euicc.sequence_number}`,
            ],
            ['Results', resultsInWords(euicc)],
            ['IPA', euicc.ipa_url && `listens at ${euicc.ipa_url} (${euicc.ipa_binding})`],
            ['Knows', eims?.join(', ')],
            ['SM-DP+', address],
            [
              'Immediate',
              immediate &&
                (immediate.allowed ? 'enables profiles by itself' : 'only the eIM enables'),
            ],
            ['Callbacks', callbacksInWords(euicc.callback_url)],
            ['Registered', <Time key="created" date={euicc.date_created} />],
          ]}
        />
      </section>
      {capabilities !== null && <Can capabilities={capabilities} />}
    </>
  );
}

function callbacksInWords(url: string | null): string {
  if (url === null) return 'as the account';
  return url === 'none' ? 'to nobody' : url;
}

function resultsInWords({ unsigned_results: isUnsigned, result_signature: over }: Euicc): string {
  if (isUnsigned) return 'taken without a signature: anybody who knows the EID can write them';
  return over === 'eimSignature' ? 'signed as in SGP.32 v1.0.1' : 'signed';
}

function Can({ capabilities }: { capabilities: Capabilities }) {
  const rows: [string, ComponentChildren][] = [
    ['SGP.32', capabilities.iot_versions?.join(', ')],
    ['SGP.22', capabilities.svn],
    ['Firmware', capabilities.firmware],
    ['IPA', capabilities.ipa_features?.join(', ')],
    ['Protocols', capabilities.ipa_protocols?.join(', ')],
    ['Fallback', capabilities.fallback === null ? undefined : yesOrNo(capabilities.fallback)],
    ['SM-DP+', capabilities.default_smdp_address],
    ['SM-DS', capabilities.root_smds_address],
  ];
  const told = rows.filter(([, value]) => value !== null && value !== undefined && value !== '');
  return (
    <section class="card" aria-labelledby="capabilities">
      <h2 id="capabilities">Capabilities</h2>
      {told.length === 0 ? (
        <p class="muted">Its IPA has told of none.</p>
      ) : (
        <DetailsList rows={told} />
      )}
    </section>
  );
}

const yesOrNo = (is: boolean) => (is ? 'yes' : 'no');
