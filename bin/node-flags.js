// How the Node of a server uses memory: docs/decisions/0088-nothing-old-that-names-what-is-new.md. The same flags are where
// something else starts it: package.json, deploy/Containerfile, deploy/systemd/simwright.service.

/** Little room for new objects, of which few live on. */
export const NODE_FLAGS = ['--max-semi-space-size=8'];
