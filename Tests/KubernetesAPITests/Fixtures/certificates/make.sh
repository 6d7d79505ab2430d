#!/bin/bash
# Makes Tests/TestAPIServer/Access/TestCertificates.swift anew: authorities, a certificate of a server on loopback and of a
# client, for a hundred years.
# Usage: Tests/KubernetesAPITests/Fixtures/certificates/make.sh
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
cd "$folder"

issue() { # NAME SUBJECT EXTENSIONS
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$1.key" -out "$1.csr" -subj "$2" 2>/dev/null
  openssl x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -days 36500 -out "$1.crt" -extfile <(echo "$3") 2>/dev/null
}

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.crt -days 36500 \
  -subj /CN=test-authority -addext keyUsage=critical,keyCertSign 2>/dev/null
issue server /CN=kube-apiserver 'subjectAltName=DNS:localhost,DNS:kubernetes.default.svc,IP:127.0.0.1,IP:::1'
issue client /O=system:masters/CN=steer-operator 'extendedKeyUsage=clientAuth'
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout other.key -out other.crt -days 36500 \
  -subj /CN=other-authority 2>/dev/null

literal() { # NAME FILE SUMMARY
  printf '\n  /// %s\n  public static let %s = """\n' "$3" "$1"
  sed 's/^/    /' "$2"
  printf '    """\n'
}
{
  echo '/// Certificates and keys of the test server, made by `Tests/KubernetesAPITests/Fixtures/certificates/make.sh`; they protect nothing.'
  echo 'public enum TestCertificates {'
  literal authority ca.crt 'The authority that clients trust.'
  literal server server.crt 'What the server shows.'
  literal serverKey server.key 'The key to that.'
  literal client client.crt 'What a client may show.'
  literal clientKey client.key 'The key to that.'
  literal otherAuthority other.crt 'An authority that signed none of them.'
  echo '}'
} | sed '3{/^$/d}' >"$here/../../../TestAPIServer/Access/TestCertificates.swift"
