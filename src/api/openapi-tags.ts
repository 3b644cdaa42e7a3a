/** The groups of operations, in the order of the document. */
export const TAGS = [
  {
    name: 'eSIM Profiles',
    description:
      'Orders of profiles, and what became of them: from `new` over `available`, when the activation code can be ' +
      'used, to `installed`, which the eUICC has signed, or `failed`.',
  },
  {
    name: 'Sims',
    description:
      'The subscriptions that the profiles carry. A Sim comes into being with its reservation.',
  },
  {
    name: 'Callbacks',
    description:
      'What was told to the `CallbackUrl` of an order or a Sim, with every attempt. What is told: see the webhooks.',
  },
  {
    name: 'Stock',
    description: 'Subscriptions that wait for an order: counted, and imported from CSV.',
  },
  { name: 'Account', description: 'Whose credentials these are, and what they may do.' },
  { name: 'Keys', description: 'API keys: programs sign in with them instead of the auth token.' },
] as const;

export type Tag = (typeof TAGS)[number]['name'];
