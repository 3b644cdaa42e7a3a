// Examples of Sims.
import { ACCOUNT_SID, BASE, SIM_SID } from './example-values.ts';

export const SIM_EXAMPLES = {
  Sim: {
    sid: SIM_SID,
    account_sid: ACCOUNT_SID,
    unique_name: null,
    status: 'new',
    fleet_sid: null,
    iccid: '8999901000000000013',
    date_created: '2026-11-23T15:07:59Z',
    date_updated: '2026-11-23T15:07:59Z',
    url: `${BASE}/v1/Sims/${SIM_SID}`,
    links: {
      billing_periods: `${BASE}/v1/Sims/${SIM_SID}/BillingPeriods`,
      sim_ip_addresses: `${BASE}/v1/Sims/${SIM_SID}/IpAddresses`,
    },
  },
};
