// Regenerates the screenshots in docs/images: npx node test/console/pictures.ts. Ports 3000 and 8443 must be free.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { generateTestStock } from '../../src/smdp/stock/test-stock.ts';
import { sidAt } from '../../src/values/sid.ts';
import { newPhone } from '../es9plus/phone.ts';
import { startReceiver } from '../receiver.ts';
import { startTestServer } from '../server.ts';
import { launchBrowser, openTab, signedIn } from './browser.ts';
import { fleetCounts } from './picture-statistics.ts';

const ROOT = join(import.meta.dirname, '../..');
const WIDTH = 1280;

spawnSync(process.execPath, [join(ROOT, 'bin/build-console.js')], { stdio: 'inherit' });
await using server = await startTestServer({
  stock: 100,
  env: {
    SIMWRIGHT_PORT: '3000',
    SIMWRIGHT_ES9_PORT: '8443',
    SIMWRIGHT_METRICS_PORT: 'off',
    SIMWRIGHT_SMDP_ADDRESS: 'localhost:8443',
    // The account of docs/first-hour.md.
    SIMWRIGHT_ACCOUNT_SID: 'AC92bfc09e9644405bb34469e9cb6a4390',
    SIMWRIGHT_AUTH_TOKEN: '38bf39e00815bc3712197f9661bcedfd',
  },
});
const { username, password } = server.account;
await using receiver = await startReceiver();
const browser = await launchBrowser();
let { page } = await openTab(browser, server.url);

/**
 * @param ready a text that appears once the page has loaded
 * @param prepare what is done before
 */
async function picture(
  name: string,
  path: string,
  ready: string,
  height: number,
  width = WIDTH,
  prepare = async () => {},
) {
  await page.setViewportSize({ width, height });
  await page.goto(`${server.url}/console${path}`);
  await page.getByText(ready).first().waitFor();
  await page.waitForLoadState('load');
  await page.locator('.qr').evaluateAll('(codes) => Promise.all(codes.map((qr) => qr.decode()))');
  await prepare();
  await page.screenshot({ path: join(ROOT, 'docs/images', `${name}.png`) });
}

await picture('sign-in', '/', 'No token at hand', 640);
await page.request.post(`${server.url}/console/session`, {
  data: { account_sid: username, auth_token: password },
});

const anyone = { GenerateMatchingId: 'true' };
for (let order = 0; order < 3; order++) await server.order(anyone);
await server.order({ ...anyone, ProfileType: 'none' });
await server.order({ Eid: '890490320000000000000000aaaaaaaa' });
for (let order = 0; order < 2; order++) {
  const profile = await server.order(anyone);
  await newPhone(server).download(profile.activation_code as string);
}
for (let order = 0; order < 3; order++) await server.order(anyone);
const { sid } = await server.order({ ...anyone, CallbackUrl: `${receiver.url}/status` });
for (let call = 0; call < 2; call++) await receiver.next();

await picture('profiles', '/profiles', '8999901', 720);
await picture('change-many', '/profiles', '8999901', 720, WIDTH, async () => {
  await page.keyboard.press('a');
  await page.locator('.dock').getByText('Change', { exact: true }).click();
  await page.getByRole('button', { name: 'Cancel orders…' }).click();
  await page.locator('.plan li').first().waitFor();
});
await picture('profile', `/profiles/${sid}`, 'answered 204', 1000);
await picture('profile-390', `/profiles/${sid}`, 'answered 204', 844, 390);
await picture('order', '/order', 'The same with curl', 680);
await picture('stock', '/stock', 'of 100 available', 640);
await picture('connect', '/connect?sdk=node', 'localhost:8443', 640);

// A fleet that there is no need to order.
const fleet = await server.addAccount(0);
const { context } = server.server;
await context.transact(async (unit) => {
  for (const [profileType, count] of [
    ['default', 4_200],
    ['fleet', 2_600],
  ] as const) {
    await generateTestStock(fleet.username, count, profileType, context.masterKey, unit);
  }
});
await context.transact(async ({ tables: { statistics }, now }) => {
  await statistics.claimMark(fleet.username);
  const to = { from: '', to: sidAt('event', now) };
  await statistics.add(fleet.username, fleetCounts(now), to);
});
({ page } = await signedIn(browser, server, fleet));
await picture('dashboard', '/dashboard', 'installFailedDueToDataMismatch', 920);
await browser.close();
