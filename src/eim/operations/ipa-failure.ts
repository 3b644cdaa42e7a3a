// What an IPA says when it can do nothing with a package, for people.
import type { Failure } from './attempts.ts';

const MEANING: Readonly<Record<string, string>> = {
  invalidPackageFormat: 'it could not read the package, which may be of a newer version of SGP.32',
  unknownPackage: 'it does not pass on packages of this kind to its eUICC',
  incorrectTagList: 'it does not know what it was asked for',
  euiccCiPKIdNotFound: 'its eUICC has no certificate of the CI that it was asked for',
  ecallActive: 'an emergency call was under way',
};

export function failureOfIpa(errorCode: string): Failure {
  const meaning = MEANING[errorCode];
  const answer = `The IPA answered with ${errorCode}`;
  return { errorCode, errorMessage: meaning === undefined ? answer : `${answer}: ${meaning}` };
}
