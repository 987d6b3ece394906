# A private PostgreSQL for one run of ./test. To be sourced, after setup.sh.

# PostgreSQL refuses to run as root.
as_postgres() {
  if [ "$(id -u)" -eq 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
}

# Starts a server in the folder $1, which must not exist, and prints its superuser's URL. Loopback only, with a
# password made for this run: whoever else is on this machine stays out.
postgres_start() {
  local dir=$1 bin password port try
  bin=$(postgres_bin) || return 1
  mkdir "$dir"
  if [ "$(id -u)" -eq 0 ]; then chown postgres "$dir"; fi
  password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  (umask 077 && printf '%s\n' "$password" >"$dir/password")
  if [ "$(id -u)" -eq 0 ]; then chown postgres "$dir/password"; fi
  as_postgres "$bin/initdb" --pgdata "$dir/data" --username postgres --pwfile "$dir/password" \
    --auth password --encoding UTF8 --locale C >"$dir/initdb.log" 2>&1 || {
    tail -n 5 "$dir/initdb.log" >&2
    return 1
  }
  # PostgreSQL cannot ask the system for a free port; a taken one makes it refuse to start, so try another.
  for try in 1 2 3 4 5 6 7 8 9 10; do
    port=$((20000 + RANDOM % 12000))
    if as_postgres "$bin/pg_ctl" start --wait --silent --pgdata "$dir/data" --log "$dir/log-$try" \
      --options "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c max_connections=300" \
      >/dev/null 2>&1; then
      printf 'postgres://postgres:%s@127.0.0.1:%s/postgres\n' "$password" "$port"
      return 0
    fi
  done
  tail -n 5 "$dir/log-$try" >&2
  return 1
}

# Prints the URL of a new, empty database.
postgres_fresh_database() {
  local name
  name="walkthrough_$(od -An -N8 -tx1 /dev/urandom | tr -d ' \n')"
  "$(postgres_bin)/psql" --quiet --no-psqlrc "$REGAIN_TEST_POSTGRES" --command "CREATE DATABASE $name" >&2
  printf '%s\n' "${REGAIN_TEST_POSTGRES%/*}/$name"
}

# Stops the server of this run, if one was started in $work.
postgres_stop() {
  local bin
  [ -e "$work/postgres/data/postmaster.pid" ] || return 0
  bin=$(postgres_bin) || return 0
  as_postgres "$bin/pg_ctl" stop --wait --silent --mode immediate --pgdata "$work/postgres/data" \
    >/dev/null 2>&1 || true
}
