import type { Flavor } from '../flavor.ts';

/** Which secrets of a template may be shared by all subscriptions; not known for existing templates. */
export function sharedSecrets({ text }: Flavor): string[] {
  return [`alter table profile_templates add column shared_secrets ${text}`];
}
