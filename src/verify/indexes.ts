import type { Invariant } from './invariant.ts';

export const indexes: Invariant = {
  name: 'indexes',
  promise:
    'The files of the database are sound: every index exists and holds every row exactly once.',
  tables: [],
  async *check({ snapshots, unexamined }) {
    const { problems, unexamined: why } = await snapshots.examine();
    if (why !== undefined) unexamined(why);
    for (const problem of problems) yield { accountSid: null, subject: 'database', problem };
  },
};
