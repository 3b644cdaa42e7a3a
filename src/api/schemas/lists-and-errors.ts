// Schemas of lists, counts and errors.
import { ESIM_PROFILE_STATUSES } from '../../operator/esim-profile.ts';
import { Type } from 'typebox';
import { nullable, oneOf, url } from './values.ts';

export const Count = Type.Object(
  {
    count: Type.Integer({ minimum: 0 }),
    more: Type.Boolean({
      description:
        'Whether there are more, or may be: the limit is reached, or the filters leave too little of what they are read from.',
    }),
  },
  { $id: 'Count', title: 'How many records a list has' },
);

export const Meta = Type.Object(
  {
    first_page_url: url(),
    key: Type.String({ description: 'Name of the property that contains the records.' }),
    next_page_url: nullable(url()),
    page: Type.Integer({ minimum: 0 }),
    page_size: Type.Integer({ minimum: 1, maximum: 1000 }),
    previous_page_url: nullable(url()),
    url: url(),
  },
  { $id: 'Meta', title: 'Paging data of a list' },
);

export const errorFields = {
  code: Type.Integer({ description: 'Code of the error dictionary.' }),
  detail: Type.Optional(Type.String()),
  message: Type.String(),
  more_info: url(),
  status: Type.Integer({ description: 'The HTTP status.' }),
};

export const ErrorBody = Type.Object(errorFields, { $id: 'Error', title: 'Error' });

export const OrderConflict = Type.Object(
  {
    ...errorFields,
    details: Type.Optional(
      Type.Object({
        status: Type.Optional(oneOf(ESIM_PROFILE_STATUSES, 'The status of the order.')),
        allowed_statuses: Type.Optional(
          Type.Array(oneOf(ESIM_PROFILE_STATUSES, ''), {
            description: 'Statuses that would allow it, if it is a matter of the status.',
          }),
        ),
        function: Type.Optional(
          Type.String({ description: 'The function of ES2+ that the SM-DP+ refused.' }),
        ),
        subject_code: Type.Optional(Type.String({ description: 'SGP.22 §5.2.6.1.' })),
        reason_code: Type.Optional(Type.String({ description: 'SGP.22 §5.2.6.2.' })),
      }),
    ),
  },
  { $id: 'OrderConflict', title: 'Error of a change that an order does not allow' },
);
