// Secrets shared by the profiles of a template, for warnings to its operator.
import type { MasterKey } from '../../process/keys.ts';
import type { ProfileTemplateRow } from '../../store/schema.ts';
import type { Store } from '../../store/store.ts';
import { openTemplate } from './sealed-package.ts';
import { notPersonalisedOf } from './template-import.ts';

/**
 * Locations of the secrets shared by all profiles of a template, and whether that was allowed at its import. Throws
 * `SealError`, `SaipError`.
 */
export function sharedSecretsOf(
  row: ProfileTemplateRow,
  masterKey: MasterKey,
): { places: string[]; areAllowed: boolean } {
  if (row.shared_secrets !== null) {
    return { places: JSON.parse(row.shared_secrets) as string[], areAllowed: true };
  }
  const found = notPersonalisedOf(openTemplate(row, masterKey));
  const places = found.filter(({ isSecret }) => isSecret).map(({ where }) => where);
  return { places, areAllowed: places.length === 0 };
}

/** A warning for each template whose profiles share secrets and which was imported before that had to be allowed. */
export async function sharedSecretWarnings(store: Store, masterKey: MasterKey): Promise<string[]> {
  const rows = await store.profilePackages.listUnaskedTemplates();
  return rows.flatMap((row) => {
    const { places } = sharedSecretsOf(row, masterKey);
    if (places.length === 0) return [];
    return [
      `All profiles of type ${row.profile_type} of account ${row.account_sid} share ` +
        `${places.join(', ')} from their template: import it again, with ` +
        '--derive-secrets or --allow-shared-secrets',
    ];
  });
}
