# Steps of deploy/quickstart, each safe to repeat. Sourced, not run. Uses: env_file, installed_env,
# log_file, pid_file, say, die of the caller.

packages_build=(g++ cmake ninja-build pkg-config dpkg-dev make mold
    libssl-dev libboost1.81-dev libstrophe-dev libexpat1-dev libusrsctp-dev rapidjson-dev
    libspdlog-dev libcli11-dev libsystemd-dev prometheus-cpp-dev zlib1g-dev doctest-dev esbuild npm)
packages_run=(openssl curl ca-certificates)
# Debian has it for this one only; elsewhere OpenSSL encrypts.
[[ $(dpkg --print-architecture 2> /dev/null) != amd64 ]] || packages_build+=(libipsec-mb-dev)

install_packages() {
    local wanted=("${packages_build[@]}" "${packages_run[@]}") missing=() package
    [[ $1 == main ]] && wanted+=(prosody lua-unbound lua-event)
    # Node from elsewhere brings its own npm; Debian's would conflict with it.
    for package in "${wanted[@]}"; do
        [[ $package == npm ]] && command -v npm > /dev/null && continue
        [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2> /dev/null) == installed ]] ||
            missing+=("$package")
    done
    if ((${#missing[@]})); then
        say "installing ${missing[*]}"
        apt-get update -q > /dev/null
        DEBIAN_FRONTEND=noninteractive apt-get install -yq --no-install-recommends \
            "${missing[@]}" > /dev/null
    fi
    id jmeet > /dev/null 2>&1 || useradd --system --home-dir /nonexistent --shell /usr/sbin/nologin jmeet
}

build_jmeet() {  # source folder, build folder
    "$1/deploy/build-libsrtp2"
    "$1/deploy/build-meet"
    say "building jmeet (a few minutes the first time)"
    cmake -S "$1" -B "$2" -G Ninja -DCMAKE_BUILD_TYPE=Release > /dev/null
    ninja -C "$2" jmeet
}

install_files() {  # source folder, build folder
    install -d -m 755 /etc/jmeet /usr/local/share/jmeet/meet
    # A running program is replaced by a new file, not written over.
    install -m 755 "$2/jmeet" /usr/local/bin/jmeet.new
    mv /usr/local/bin/jmeet.new /usr/local/bin/jmeet
    cp -r "$1/deploy/meet/dist/." /usr/local/share/jmeet/meet/
}

get_env() {  # name [default]
    local value
    value=$(sed -n "s/^$1=//p" "$env_file" | tail -n 1)
    value=${value#[\"\']}
    value=${value%[\"\']}
    echo "${value:-${2:-}}"
}

set_env() {  # name value
    [[ $2 != *$'\n'* ]] || die "the value of $1 has a line break"
    if grep -q "^#\?$1=" "$env_file"; then
        # The value may hold any character: awk, not sed.
        NAME=$1 VALUE=$2 awk 'BEGIN { n = ENVIRON["NAME"]; v = ENVIRON["VALUE"] }
            !done && ($0 ~ "^#?" n "=") { print n "=" v; done = 1; next } { print }' \
            "$env_file" > "$env_file.new"
        cat "$env_file.new" > "$env_file"
        rm "$env_file.new"
    else
        echo "$1=$2" >> "$env_file"
    fi
}

make_certificate() {  # folder, name, group: self-signed, kept when it is there
    [[ -f $1/$2.crt && -f $1/$2.key ]] ||
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 \
            -subj "/CN=$2" -addext "subjectAltName=DNS:$2" \
            -keyout "$1/$2.key" -out "$1/$2.crt" 2> /dev/null
    chgrp "$3" "$1/$2.key"
    chmod 640 "$1/$2.key"
    chmod 644 "$1/$2.crt"
}

has_systemd() { [[ -d /run/systemd/system ]]; }

wait_until() {  # seconds, command...: true as soon as the command is
    local end=$((SECONDS + $1))
    shift
    until "$@" 2> /dev/null; do
        ((SECONDS < end)) || return 1
        sleep 0.2
    done
}

prosody_is_up() { { : < /dev/tcp/127.0.0.1/5222 && : < /dev/tcp/127.0.0.1/5347; } 2> /dev/null; }

configure_prosody() {  # source folder, XMPP domain
    local config=/etc/prosody/conf.d/jmeet.cfg.lua text changed=
    local prosody_modules=/usr/local/lib/prosody/modules
    grep -q '^Include "conf.d/\*.cfg.lua"' /etc/prosody/prosody.cfg.lua ||
        die "/etc/prosody/prosody.cfg.lua does not include conf.d/*.cfg.lua: add that line back"
    text=$(sed -e "s|@DOMAIN@|$2|g" -e "s|@CERTS@|$certs|g" \
        -e "s|@JVB_USER@|$(get_env JVB_AUTH_USER jvb)|g" \
        -e "s|@COMPONENT_SECRET@|$(get_env JICOFO_COMPONENT_SECRET)|g" \
        "$1/deploy/prosody/jmeet.cfg.lua.in")
    if ! cmp -s "$1/deploy/prosody/mod_jmeet_resume.lua" "$prosody_modules/mod_jmeet_resume.lua"; then
        install -D -m 644 -t "$prosody_modules" "$1/deploy/prosody/mod_jmeet_resume.lua"
        changed=yes
    fi
    if [[ ! -f $config || $text != "$(cat "$config")" ]]; then
        install -m 640 -g prosody /dev/null "$config"
        echo "$text" > "$config"
        changed=yes
    fi
    if [[ -n $changed ]] || ! prosody_is_up; then restart_prosody; fi
    wait_until 30 prosody_is_up || die "Prosody does not come up: see /var/log/prosody/prosody.log"
}

restart_prosody() {
    if has_systemd; then
        systemctl restart prosody
    else
        install -d -o prosody -g prosody /run/prosody
        prosodyctl stop > /dev/null 2>&1 || true
        wait_until 10 prosody_is_down || die "the running Prosody does not stop"
        # It advises packages that this set-up has no use for; what matters is in its log.
        runuser -u prosody -- prosody -D > /dev/null 2>&1
    fi
}

prosody_is_down() { ! { : < /dev/tcp/127.0.0.1/5222; } 2> /dev/null; }

# Creates the account, or sets its password: the same call in Prosody. The password goes in by
# standard input, out of sight of the process list.
register_account() {  # user, domain, password
    printf '%s\n%s\n' "$3" "$3" | prosodyctl adduser "$1@$2" > /dev/null 2>&1 ||
        printf '%s\n%s\n' "$3" "$3" | prosodyctl passwd "$1@$2" > /dev/null 2>&1 ||
        die "cannot set the password of $1@$2 in Prosody"
}

log_place() { has_systemd && echo "journalctl -u $1" || echo "$log_file"; }

start_service() {  # unit, role
    if has_systemd; then
        install -m 644 "$here/deploy/systemd/$1.service" /etc/systemd/system/
        systemctl daemon-reload
        systemctl enable -q "$1"
        systemctl restart "$1"
        return
    fi
    stop_process
    touch "$log_file"
    chown jmeet "$log_file"
    setsid setpriv --reuid=jmeet --regid=jmeet --init-groups --inh-caps=+net_bind_service \
        --ambient-caps=+net_bind_service /usr/local/bin/jmeet --role="$2" \
        --env-file="$installed_env" >> "$log_file" 2>&1 < /dev/null &
    echo $! > "$pid_file"
}

await_health() {  # unit, its HTTP port (0: it has none)
    local url=http://127.0.0.1:$2/about/health
    [[ $2 != 0 ]] || return 0
    wait_until 60 curl -fsS -o /dev/null "$url" ||
        die "$1 does not get healthy: $(curl -sS "$url" 2>&1); its log: $(log_place "$1")"
}

stop_process() {
    local pid
    pid=$(cat "$pid_file" 2> /dev/null) || return 0
    # The number may belong to another program by now.
    [[ $(readlink "/proc/$pid/exe") == */jmeet* ]] || return 0
    kill -TERM "$pid"
    wait_until 30 is_gone "$pid" || die "the running jmeet (process $pid) does not end"
}

is_gone() { ! kill -0 "$1"; }
