// How the Node of a server uses memory: docs/decisions/0088-nothing-old-that-names-what-is-new.md and
// docs/decisions/0089-what-is-freed-is-used-again.md. The same is where something else starts it: package.json, deploy/Containerfile, deploy/systemd/simwright.service.

/** Little room for new objects, of which few live on; and the whole heap is collected when it has grown by two fifths. */
export const NODE_FLAGS = ['--max-semi-space-size=8', '--heap-growing-percent=40'];

/** One arena of memory for all threads, so that each uses again what others have freed. glibc reads it when a process starts. */
export const NODE_ENVIRONMENT = { MALLOC_ARENA_MAX: '1' };
