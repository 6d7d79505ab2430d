# What run.sh --with-proxy adds to run.sh: the rest of the egress path, on loopback and without privileges.
#
# What stands in for a cluster and what is around it:
# - A Service's address is a loopback address. Nothing translates its port to its targetPort, so both are the latter.
# - int-proxy.aibang.com is 127.0.0.21, where a Squid runs with what 'steer render squid-parent' says.
# - The Internet is one web server with a certificate made here, which has the destinations' names. It listens on port 13443,
#   for 443 is not an ordinary user's, and so the routes allow that port instead.

install squid curl openssl

# Where the reader finds what it needs, and where the Squids have their files: they run as another user if we are root.
shown=.build/with-proxy
rm -rf "$shown"
mkdir -p "$shown"
hidden=$(mktemp -d)
chmod 755 "$hidden"
parts=()
end_parts() {
  [ ${#parts[@]} -eq 0 ] || { kill "${parts[@]}" 2>/dev/null; wait "${parts[@]}" 2>/dev/null; } || true
  rm -rf "$hidden"
}
trap end_parts EXIT

# example_on_loopback FOLDER: the example policy for this machine.
example_on_loopback() {
  cp -r zones "$1"
  sed -i -e 's/10\.96\.7\./127.96.7./' -e 's/, "fd00:96::7:20"//' "$1"/*.yaml
  sed -i -e 's/port: 3128, targetPort: \([0-9]*\)/port: \1, targetPort: \1/' "$1/inventory.yaml"
  sed -i -e '/name: github, port/ s/3128/13129/' -e '/kind: Service/ s/port: 3128/port: 13128/' \
    -e 's/host: int-proxy.aibang.com, port: 3128/host: 127.0.0.21, port: 13128/' -e '/ports: / s/443/13443/' \
    "$1/routes.yaml" "$1/policies.yaml"
  sed -i -e 's/port: 443/port: 13443/' "$1/tests.yaml"
}

# start_origin: the web server.
start_origin() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=login.microsoft.com \
    -addext subjectAltName=DNS:login.microsoft.com,DNS:github.com,DNS:www.example.com \
    -keyout "$hidden/origin.key" -out "$shown/origin.pem" 2>/dev/null
  openssl s_server -quiet -www -accept 127.0.0.31:13443 -cert "$shown/origin.pem" -key "$hidden/origin.key" >/dev/null 2>&1 &
  parts+=($!)
}

# start_parent: the proxy of the second tier.
start_parent() {
  mkdir "$hidden/parent"
  [ "$(id -u)" -ne 0 ] || chown proxy "$hidden/parent"
  "$steer" render squid-parent "$policy" --source 127.0.0.0/8 --listen 127.0.0.21:13128 --allow-inside 127.0.0.31/32 \
    --folder "$hidden" --log-folder "$hidden/parent" --user proxy > "$hidden/parent.conf"
  cat > "$hidden/hosts" <<< '127.0.0.31 login.microsoft.com github.com www.example.com'
  cat >> "$hidden/parent.conf" <<END
hosts_file $hidden/hosts
shutdown_lifetime 1 second
END
  squid -N -n "steerdemo$$" -f "$hidden/parent.conf" &
  parts+=($!)
}

policy=$shown/zones
example_on_loopback "$policy"
start_origin
start_parent
ln -s "$hidden/proxy/decisions.socket" "$shown/decisions.socket"
cat > "$hidden/steer.yaml" <<SETTINGS
queryLog: $shown/queries.log
proxy:
  engine: squid
  supervise: true
  folder: $hidden/proxy
  listen: [127.96.7.10, 127.96.7.11, 127.96.7.20]
  connectLog: $shown/connects.log
  drainSeconds: 2
SETTINGS
options=(--config "$hidden/steer.yaml")

try() {
  local curl="curl -sS -o /dev/null -w 'CONNECT %{http_connect}, answer %{http_code}\n' --cacert $shown/origin.pem"
  cat <<TRY

Pods ask for the proxy's name, and then ask the proxy (another terminal, in this folder; dig is in bind9-dnsutils):

  dig +short -b 127.0.0.11 -p $port @127.0.0.1 microsoft.intra.aibang.local   # team-a: 127.96.7.10
  dig +short -b 127.0.0.13 -p $port @127.0.0.1 microsoft.intra.aibang.local   # team-c: nothing

  $curl \\
    --interface 127.0.0.11 -x 127.96.7.10:13128 https://login.microsoft.com:13443   # team-a may
  $curl \\
    --interface 127.0.0.11 -x 127.96.7.10:13128 https://www.example.com:13443       # but not this
  $curl \\
    --interface 127.0.0.13 -x 127.96.7.10:13128 https://login.microsoft.com:13443   # team-c may not, name or no name

  $steer explain --policy $policy --from 127.0.0.13 --via microsoft --connect login.microsoft.com:13443
  $steer status --socket $shown/decisions.socket
  $steer audit --queries $shown/queries.log --connects $shown/connects.log

Edit $policy/*.yaml: a change is in force within a second. Ctrl-C ends everything.
TRY
}
