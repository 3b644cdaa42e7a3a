// The program that Osmocom's suite for eIMs calls for its REST interface: ADAPTER (-c -j JSON | -l -r ID | -d -r ID) -f FACILITY. It passes
// that on to our adapter, and writes its answer.
import { parseArgs } from 'node:util';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    create: { type: 'boolean', short: 'c' },
    lookup: { type: 'boolean', short: 'l' },
    delete: { type: 'boolean', short: 'd' },
    facility: { type: 'string', short: 'f' },
    json: { type: 'string', short: 'j' },
    'resource-id': { type: 'string', short: 'r' },
  },
});

const what = (['create', 'lookup', 'delete'] as const).find((name) => values[name]);
const path = [values.facility, what, values['resource-id']].filter((part) => part !== undefined);
const answer = await fetch(
  `${positionals[0]}/${path.join('/')}`,
  values.json === undefined ? {} : { method: 'POST', body: values.json },
);
const body = await answer.text();
(answer.ok ? process.stdout : process.stderr).write(body);
process.exitCode = answer.ok ? 0 : 1;
