// The schema of Sims.
import { SIM_STATUSES } from '../../operator/sim.ts';
import { Type } from 'typebox';
import { date, nullable, oneOf, sid, url } from './values.ts';

export const Sim = Type.Object(
  {
    sid: sid('HS'),
    account_sid: sid('AC'),
    unique_name: nullable(Type.String()),
    status: oneOf(SIM_STATUSES, 'Whether the Sim may connect.'),
    fleet_sid: nullable(sid('HF')),
    iccid: Type.String(),
    date_created: date(),
    date_updated: date(),
    url: url(),
    links: Type.Object({ billing_periods: url(), sim_ip_addresses: url() }),
  },
  { $id: 'Sim', title: 'Sim' },
);
