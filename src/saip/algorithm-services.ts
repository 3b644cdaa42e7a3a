// The services in the ProfileHeader that stand for AKA algorithms, and which of them a package needs.
import { elementsOf } from './profile-element.ts';
import type { ProfileElement } from './profile-element.ts';
import type { ServicesList } from './profile-header.ts';
import { algorithmNameOf } from './subscription.ts';

export const ALGORITHM_SERVICES = [
  'milenage',
  'tuak128',
  'tuak256',
  'usim-test-algorithm',
] as const satisfies (keyof ServicesList)[];
export type AlgorithmService = (typeof ALGORITHM_SERVICES)[number];

/** The services that the package's akaParameters need. */
export function algorithmServicesOf(elements: readonly ProfileElement[]): Set<AlgorithmService> {
  const services = new Set<AlgorithmService>();
  for (const { value } of elementsOf(elements, 'akaParameter')) {
    if (value.algoConfiguration.choice !== 'algoParameter') continue;
    const { algorithmID, key } = value.algoConfiguration.value;
    const name = algorithmNameOf(algorithmID);
    if (name === 'tuak') services.add(key.length === 32 ? 'tuak256' : 'tuak128');
    else if (name) services.add(name);
  }
  return services;
}
