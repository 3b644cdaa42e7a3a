// Entry of the command line.
import { runCommand } from './cli/run.ts';

// Whoever reads our output may stop reading, as `head` does: then nobody misses the rest.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
}

process.exitCode = await runCommand(process.argv.slice(2));
