// Orders an eSIM Profile and prints its activation code, with a client whose types come from the server itself:
//
//   npm install openapi-fetch openapi-typescript@6
//   npx openapi-typescript $SIMWRIGHT_URL/openapi.json --output schema.d.ts
//
// Environment: SIMWRIGHT_URL, ACCOUNT_SID, AUTH_TOKEN (or an API key SID and its secret).
import { setTimeout as sleep } from 'node:timers/promises';
import createClient from 'openapi-fetch';
import type { components, operations, paths, webhooks } from './schema.d.ts';

const { SIMWRIGHT_URL: baseUrl = '', ACCOUNT_SID, AUTH_TOKEN } = process.env;
const credentials = Buffer.from(`${ACCOUNT_SID}:${AUTH_TOKEN}`).toString('base64');
const client = createClient<paths>({
  baseUrl,
  headers: { Authorization: `Basic ${credentials}` },
});

type EsimProfile = components['schemas']['EsimProfile'];

/** The parameters of a callback. */
export type StatusCallback =
  webhooks['esimProfileStatus']['post']['requestBody']['content']['application/x-www-form-urlencoded'];

/** Headers have types, too. */
type Replayed = operations['CreateEsimProfile']['responses'][201]['headers']['Idempotent-Replayed'];

async function order(key: string): Promise<{ profile: EsimProfile; replayed: Replayed }> {
  const { data, error, response } = await client.POST('/v1/ESimProfiles', {
    params: { header: { 'Idempotency-Key': key } },
    body: { GenerateMatchingId: true },
  });
  if (error) throw new Error(`${error.status}/${error.code}: ${error.message}`);
  return { profile: data, replayed: response.headers.get('idempotent-replayed') ?? undefined };
}

async function fetchProfile(Sid: string): Promise<EsimProfile> {
  const { data, error } = await client.GET('/v1/ESimProfiles/{Sid}', { params: { path: { Sid } } });
  if (error) throw new Error(`${error.status}/${error.code}: ${error.message}`);
  return data;
}

const key = crypto.randomUUID();
let { profile } = await order(key);
while (profile.status === 'new' || profile.status === 'reserving') {
  await sleep(100);
  profile = await fetchProfile(profile.sid);
}
const { replayed } = await order(key);
const { data: list } = await client.GET('/v1/ESimProfiles', {
  params: { query: { Status: ['available', 'downloaded'], PageSize: 1 } },
});
const nowhere = await client.GET('/v1/Sims/{Sid}', { params: { path: { Sid: 'HS0' } } });

console.log(
  JSON.stringify({
    status: profile.status,
    activationCode: profile.activation_code,
    replayed,
    newest: list?.esim_profiles[0]?.sid === profile.sid,
    error: nowhere.error?.code,
  }),
);
