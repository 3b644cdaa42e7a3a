import { Client } from 'pg';

/** Runs statements one after the other, on a connection of their own. @returns the rows of the last one */
export async function askPostgres(url: string, ...texts: string[]): Promise<any[]> {
  const client = new Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    let rows: any[] = [];
    for (const text of texts) ({ rows } = await client.query(text));
    return rows;
  } finally {
    await client.end();
  }
}
