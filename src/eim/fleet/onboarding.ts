// What the devices of many eUICCs need to know the eIM: mostly the same, so it is made once for all that share it.
import type { EimContext } from '../eim.ts';
import { onboardingOf } from '../euiccs.ts';
import type { OnboardedEuicc } from '../euiccs.ts';
import { eimIdOf } from '../server-keys.ts';
import type { EuiccRow } from '../../store/schema.ts';

export const ONBOARDING_COLUMNS = [
  'eid',
  'euicc_sid',
  'friendly_name',
  'group_sid',
  'eim_id',
  'eim_fqdn',
  'add_initial_eim_request',
] as const;

type OnboardingContext = Pick<EimContext, 'eim' | 'config'>;

/** What a request depends on. */
export const alikeOf = ({
  eim_key: key,
  counter,
  ipa_url,
  result_signature: signature,
}: OnboardedEuicc) => `${key} ${counter} ${signature} ${ipa_url === null ? '' : 'injects'}`;

/** @returns makes the JSON of each */
export function onboardingLines({
  eim,
  config,
}: OnboardingContext): (row: EuiccRow) => Promise<string> {
  const eimId = eimIdOf(config);
  let last = { alike: '', request: '' };
  return async (row) => {
    const alike = alikeOf(row);
    if (last.alike !== alike) {
      last = { alike, request: (await onboardingOf(row, { eim })).toBase64() };
    }
    return JSON.stringify({
      eid: row.eid,
      euicc_sid: row.sid,
      friendly_name: row.friendly_name,
      group_sid: row.group_sid,
      eim_id: eimId,
      eim_fqdn: config.eimFqdn,
      add_initial_eim_request: last.request,
    });
  };
}
