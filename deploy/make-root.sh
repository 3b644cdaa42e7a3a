#!/bin/sh
# Puts together the root of the image: make-root.sh CHECKOUT ROOT, after `npm run build` and `npm prune --omit=dev`. Everything in
# it belongs to root and cannot be written to; only /data and /tmp are for the server.
set -eu
checkout=$1
root=$2
modules=$checkout/node_modules
umask 022

mkdir -p "$root/proc" "$root/sys" "$root/dev" "$root/run" "$root/app" "$root/usr/bin" "$root/etc/ssl/certs" "$root/var/lib/dpkg/status.d" "$root/data" "$root/tmp"

# Node, as npm installed it for this platform: the executable alone.
node=$(ls -d "$modules"/node-linux-*/bin/node)
cp "$node" "$root/usr/bin/node"

# The libraries that it is linked with, at their own paths, and the loader.
for library in $(ldd "$node" | grep -o '/[^ ]*'); do
  mkdir -p "$root$(dirname "$library")"
  cp -L "$library" "$root$library"
done

# Names are looked up by glibc, which loads these when it needs them.
for name in libnss_dns.so.2 libnss_files.so.2 libresolv.so.2; do
  file=$(ldconfig -p | sed -n "s/.*$name .*=> //p" | head -n 1)
  [ -z "$file" ] || { mkdir -p "$root$(dirname "$file")" && cp -L "$file" "$root$file"; }
done
printf 'hosts: files dns\n' >"$root/etc/nsswitch.conf"
printf 'root:x:0:0:root:/:/nologin\nsimwright:x:65532:65532:Simwright:/data:/nologin\n' >"$root/etc/passwd"
printf 'root:x:0:\nsimwright:x:65532:\n' >"$root/etc/group"
cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
cp /etc/os-release "$root/etc/os-release"

# Which Debian packages these are, where scanners for vulnerabilities look.
for package in ca-certificates libatomic1 libc6 libgcc-s1 libstdc++6; do
  dpkg-query -s "$package" >"$root/var/lib/dpkg/status.d/$package"
done

# The program: as built, with what it needs at run time and nothing for those who compile against it.
cp -r "$checkout/bin" "$checkout/dist" "$checkout/package.json" "$checkout/LICENSE" "$root/app/"
cp -r "$modules" "$root/app/node_modules"
rm -rf "$root"/app/node_modules/node-* "$root"/app/node_modules/.bin "$root"/app/node_modules/.cache
find "$root/app/node_modules" -type f \
  \( -name '*.map' -o -name '*.ts' -o -name '*.mts' -o -name '*.cts' -o -iname 'README*' -o -iname 'CHANGELOG*' \) -delete
# Of koffi, which calls an HSM's module, what it is built from, and its build for another C library.
rm -rf "$root"/app/node_modules/koffi/vendor "$root"/app/node_modules/koffi/doc "$root"/app/node_modules/koffi/lib "$root"/app/node_modules/@koromix/*/musl_*
find "$root/app/node_modules/koffi/src" -type f ! -name '*.js' ! -name '*.cjs' -delete
find "$root/app/node_modules" -type d \( -name test -o -name tests -o -name benchmark -o -name benchmarks -o -name .github \) \
  -prune -exec rm -rf {} +
find "$root/app/node_modules" -type d -empty -delete

# Whether the server is ready, for the HEALTHCHECK: the image has no curl.
cat >"$root/app/health.js" <<'JS'
const port = process.env.SIMWRIGHT_PORT ?? 3000;
const answer = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(5_500) });
if (!answer.ok) {
  console.error(await answer.text());
  process.exitCode = 1;
}
JS

# Commands inside the container: docker exec simwright simwright account list.
printf '#!/usr/bin/node\nimport("/app/bin/simwright.js");\n' >"$root/usr/bin/simwright"
chmod 755 "$root/usr/bin/simwright"
chmod -R go-w "$root"
chown -R 65532:65532 "$root/data"
chmod 700 "$root/data"
chmod 1777 "$root/tmp"
