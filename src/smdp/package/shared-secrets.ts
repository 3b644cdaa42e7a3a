// What the profiles of a template have in common that should be each one's own, as its operator is told.
import type { MasterKey } from '../../process/keys.ts';
import type { ProfileTemplateRow } from '../../store/schema.ts';
import type { Store } from '../../store/store.ts';
import { openTemplate } from './sealed-package.ts';
import { notPersonalisedOf } from './template-import.ts';

/**
 * Places of the secrets that all profiles of a template have in common, and whether that was allowed at its
 * import. Throws `SealError`, `SaipError`.
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

/** A sentence for each template that came before this was asked, and whose profiles share secrets. */
export async function sharedSecretWarnings(store: Store, masterKey: MasterKey): Promise<string[]> {
  const rows = await store.profilePackages.listUnaskedTemplates();
  return rows.flatMap((row) => {
    const { places } = sharedSecretsOf(row, masterKey);
    if (places.length === 0) return [];
    return [
      `All profiles of type ${row.profile_type} of account ${row.account_sid} have the same ` +
        `${places.join(', ')}, which their template brings: import it again, with ` +
        '--derive-secrets or --allow-shared-secrets',
    ];
  });
}
