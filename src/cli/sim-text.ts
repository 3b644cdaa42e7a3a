// How a Sim is shown on a terminal.
import { renderSim } from '../operator/resource.ts';
import type { SimRow } from '../store/schema.ts';
import { styleOfStatus } from './paint.ts';
import type { TableColumn } from './table.ts';

export const SIM_COLUMNS: TableColumn<SimRow>[] = [
  { title: 'SID', value: ({ sid }) => sid },
  { title: 'STATUS', value: statusText, style: ({ status }) => styleOfStatus(status) },
  { title: 'ICCID', value: ({ iccid }) => iccid },
  { title: 'UNIQUE NAME', flexible: true, value: ({ unique_name }) => unique_name },
  { title: 'FLEET', value: ({ fleet_sid }) => fleet_sid },
  { title: 'CREATED', value: ({ date_created }) => date_created },
];

export function fieldsOfSim(sim: SimRow): [name: string, value: string | null][] {
  return [
    ['SID', sim.sid],
    ['Status', statusText(sim)],
    ['Account', sim.account_sid],
    ['ICCID', sim.iccid],
    ['Unique name', sim.unique_name],
    ['Fleet', sim.fleet_sid],
    ['Created', sim.date_created],
    ['Updated', sim.date_updated],
  ];
}

export function simRecord(sim: SimRow, publicUrl: string): unknown {
  return JSON.parse(renderSim(sim, publicUrl));
}

/** `scheduled → active` while a change is scheduled. */
function statusText({ status, scheduled_status: next }: SimRow): string {
  return next === null ? status : `${status} → ${next}`;
}
