#!/bin/sh
# Creates your own CI, with an EUM, an eUICC and an SM-DP+ under it, in the current folder.
# sh make-ci.sh HOST [EID]
set -eu
export HOST="$1"
eid="${2:-89049032000000000000000077777770}"
extensions="$(dirname "$0")/extensions.cnf"

key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1.key.pem"; }

# NAME SUBJECT ISSUER DAYS
issue() {
  key "$1"
  openssl req -new -key "$1.key.pem" -subj "$2" |
    openssl x509 -req -CA "$3.pem" -CAkey "$3.key.pem" -CAcreateserial -days "$4" \
      -extfile "$extensions" -extensions "$1" -out "$1.pem"
}

key ci
openssl req -new -key ci.key.pem -subj '/CN=My CI/O=My Lab' |
  openssl x509 -req -signkey ci.key.pem -days 10000 -extfile "$extensions" -extensions ci -out ci.pem

issue eum '/C=DE/O=My EUM/CN=My EUM' ci 10000
issue euicc "/C=DE/O=My EUM/serialNumber=$eid/CN=My eUICC" eum 10000
issue dpauth '/O=My Lab/CN=My SM-DP' ci 3650
issue dppb '/O=My Lab/CN=My SM-DP' ci 3650
issue dptls "/O=My Lab/CN=$HOST" ci 398
