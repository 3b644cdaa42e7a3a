// Entry point of the command line.
import { runCommand } from './cli/run.ts';

// A reader such as `head` may close the pipe early; that is not an error.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
}

process.exitCode = await runCommand(process.argv.slice(2));
