// Where the IPA of an eUICC listens, as parameters.
import { Type } from 'typebox';
import type { IpaColumns } from '../eim/injection/ipa-columns.ts';
import {
  IPA_BINDINGS,
  IPA_CA_LIMIT,
  IPA_URL_LIMIT,
  ipaColumns,
} from '../eim/injection/ipa-columns.ts';
import type { EsipaBindingName } from '../store/schema.ts';
import { toApiError } from './euicc-paths.ts';

/** @param removal what an empty text does */
export const ipaParameters = (removal = '') => ({
  IpaUrl: Type.Optional(
    Type.String({
      maxLength: IPA_URL_LIMIT,
      title: `an https URL${removal && ', or empty'}`,
      description:
        'Where its IPA listens for eIM packages, if it does: what there is for the eUICC is then sent to it at once, by ' +
        `\`TransferEimPackage\` of SGP.32, and can still be polled.${removal && ` Empty: ${removal}`}`,
      examples: ['https://pump-7.example.com'],
    }),
  ),
  IpaBinding: Type.Optional(
    Type.Enum([...IPA_BINDINGS], {
      type: 'string',
      default: 'asn1',
      description: 'The binding of ESipa in which it is called.',
    }),
  ),
  IpaCa: Type.Optional(
    Type.String({
      maxLength: IPA_CA_LIMIT,
      description:
        'Up to ten CAs under which the certificate of the IPA must be, or that certificate itself, in PEM. Without, those of the ' +
        `public web.${removal && ' Empty: those.'}`,
    }),
  ),
});

/** @returns the columns that change. Throws `ApiError` 400. */
export function ipaGiven({
  IpaUrl: url,
  IpaBinding: binding,
  IpaCa: ca,
}: {
  IpaUrl?: string;
  IpaBinding?: EsipaBindingName;
  IpaCa?: string;
}): Partial<IpaColumns> {
  try {
    return ipaColumns({ url, binding, ca });
  } catch (error) {
    throw toApiError(error);
  }
}
