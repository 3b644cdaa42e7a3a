import { renderEsimProfile } from '../operator/resource.ts';
import { versionOf } from '../smdp/package/sealed-package.ts';
import { oneByOne, violation } from './invariant.ts';
import type { Invariant } from './invariant.ts';
import { walk } from './slices.ts';

export const resources: Invariant = {
  name: 'resources',
  promise:
    'Derived values match their source: every rendered eSIM Profile its columns, every version its package.',
  tables: ['esim_profiles', 'profile_packages'],
  check: (evidence) =>
    oneByOne(
      walk(evidence, 'esim_profiles', (rows) =>
        rows
          .filter((row) => row.resource !== renderEsimProfile(row))
          .map((row) =>
            violation(
              row,
              row.sid,
              `its columns give ${renderEsimProfile(row)}, but kept is ${row.resource}`,
            ),
          ),
      ),
      walk(evidence, 'profile_templates', (rows) =>
        rows
          .filter((row) => row.version !== versionOf(row.template))
          .map((row) => violation(row, `template ${row.profile_type}`, OTHER_VERSION)),
      ),
      walk(evidence, 'profile_packages', (rows) =>
        rows
          .filter((row) => row.version !== versionOf(row.package))
          .map((row) => violation(row, `package ${row.iccid}`, OTHER_VERSION)),
      ),
    ),
};

const OTHER_VERSION =
  'its version is not that of what is sealed: nodes may go on with an older one';
