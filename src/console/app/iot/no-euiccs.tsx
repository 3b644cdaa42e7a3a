import { Command } from '../components/command.tsx';
import { BASE } from '../location.ts';
import type { Query } from '../location.ts';
import { isFiltered } from './euiccs-query.ts';

/** How to have an eIM. @param isShort whether there are eUICCs all the same */
export function NoEim({ isShort }: { isShort: boolean }) {
  return (
    <div class={isShort ? 'card no-eim' : 'empty'}>
      <h2>This server has no eIM</h2>
      <p>
        {isShort
          ? 'These eUICCs are known, but no device can poll, and nothing is sent to them.'
          : 'IoT devices have nobody who scans a code. Their eUICCs are commanded by an eIM (SGP.32), which their devices poll: an order for the EID of one is downloaded, installed and enabled without a hand on the device.'}{' '}
        The eIM of this server is off, as it comes. Set its port, and start the server again:
      </p>
      <Command text="SIMWRIGHT_ESIPA_PORT=8445 npm start" what="setting" />
      <p>
        Devices must reach that port under the name in <code>SIMWRIGHT_EIM_FQDN</code>, which eUICCs
        are told.
      </p>
    </div>
  );
}

/** @param register undefined: the user may not */
export function NoEuiccs({ query, register }: { query: Query; register?: () => void }) {
  if (isFiltered(query)) {
    return (
      <div class="empty">
        <h2>No eUICCs match</h2>
        <p>No eUICC has all that the search and the filters ask for.</p>
        <a class="button" href={`${BASE}/euiccs`}>
          Show all
        </a>
      </div>
    );
  }
  return (
    <div class="empty">
      <h2>No eUICCs yet</h2>
      <p>
        Register the eUICC of an IoT device by its EID. Then give its device the onboarding file:
        from then on it polls this server, and orders for the EID are downloaded, installed and
        enabled by themselves.
      </p>
      {register !== undefined && (
        <button type="button" class="button button-primary" onClick={register}>
          Register an eUICC
        </button>
      )}
      <p>To see it all without a device, let a virtual one poll:</p>
      <Command text="npx simwright device create --iot" />
    </div>
  );
}
