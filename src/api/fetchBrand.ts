import { renderBrand } from '../operator/install/resource.ts';
import { ref } from './answer-schemas.ts';
import { etagOf } from './etag.ts';
import { operation } from './operation.ts';

export const BRAND_PATH = '/v1/Account/Brand';

/** `GET /v1/Account/Brand`: ours. */
export const fetchBrand = operation({
  operationId: 'FetchBrand',
  method: 'GET',
  path: BRAND_PATH,
  tag: 'Installing',
  summary: 'Fetch the brand of the account',
  description: 'Ours: how the install pages of the account look. What is not set is null.',
  responses: { 200: { description: 'The brand.', schema: ref('Brand') } },
  async handle({ caller: { accountSid } }, { store, publicUrl }) {
    const row = await store.brands.find(accountSid);
    const body = JSON.stringify(renderBrand(accountSid, row, publicUrl));
    return { status: 200, body, etag: etagOf(body) };
  },
});
