/** The groups of operations, in the document's order. */
export const TAGS = [
  {
    name: 'eSIM Profiles',
    description:
      'Orders of profiles and their progress: from `new` through `available`, when the activation code can be ' +
      'used, to `installed`, as signed by the eUICC, or `failed`.',
  },
  {
    name: 'Batches',
    description:
      'Many orders at once. A batch is carried out in the background, beside other orders, and can be followed.',
  },
  {
    name: 'Installing',
    description:
      'What the person who gets an eSIM Profile needs: links that open the installer of a phone, and pages to send, ' +
      'with the brand of the account.',
  },
  {
    name: 'Sims',
    description:
      'The subscriptions in the profiles. A Sim is created when its profile is reserved.',
  },
  {
    name: 'Callbacks',
    description:
      'Requests to the `CallbackUrl` of an order or a Sim, with every attempt. For their content, see the webhooks.',
  },
  {
    name: 'Statistics',
    description:
      'What has become of the orders, over time: what the dashboard of the console shows.',
  },
  {
    name: 'Stock',
    description: 'Subscriptions available for orders: counted, and imported from CSV.',
  },
  {
    name: 'Operators',
    description:
      'Those who order over ES2+ from the stock of the account, and what they were told of the profiles that they have ' +
      'ordered. What they call has a document of its own: `/es2plus/openapi.json`.',
  },
  {
    name: 'IoT devices',
    description:
      'eUICCs of devices without a user (SGP.32), which poll the eIM of this server, and operations on them. Only with an eIM: ' +
      '`SIMWRIGHT_ESIPA_PORT`.',
  },
  {
    name: 'IoT fleets',
    description:
      'Many eUICCs of the eIM at once: registered together, in groups, and bulk operations on them, which are carried out in the ' +
      'background and can be followed, paused and halted.',
  },
  { name: 'Account', description: 'Who the credentials belong to, and what they allow.' },
  { name: 'Keys', description: 'API keys: programs sign in with them instead of the auth token.' },
  { name: 'Audit log', description: 'Who changed what. For API keys with the scope `full` only.' },
] as const;

export type Tag = (typeof TAGS)[number]['name'];
