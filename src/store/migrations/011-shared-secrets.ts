import type { Flavor } from '../flavor.ts';

/** Which secrets of a template may be those of every subscription; of templates that are there already it is not known. */
export function sharedSecrets({ text }: Flavor): string[] {
  return [`alter table profile_templates add column shared_secrets ${text}`];
}
