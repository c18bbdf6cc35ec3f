# Packages and builds, for ./dev.

say() { printf 'dev: %s\n' "$*" >&2; }
fail() { say "$@"; exit 1; }

# quietly COMMAND…: runs it with its output in a log; on failure shows the log's end.
quietly() {
	local log
	log=$(mktemp -t countersign-dev.XXXXXX)
	if "$@" >"$log" 2>&1 </dev/null; then rm -f "$log"; return; fi
	tail -n 40 "$log" >&2
	fail "failed: $* (all of it: $log)"
}

as_root() {
	if [ "$(id -u)" -eq 0 ]; then "$@"
	elif command -v sudo >/dev/null; then sudo "$@"
	else fail "as root: $*"
	fi
}

# need_packages SET…: installs the Debian packages of these sets that are missing. Asks nothing of apt when none is.
need_packages() {
	local sets want have missing
	command -v dpkg-query >/dev/null || { say "not a Debian system: packages are up to you (dev.d/packages)"; return; }
	sets=" $* "
	want=$(while read -r set names; do [[ $sets == *" $set "* ]] && printf '%s\n' $names; done <dev.d/packages || true)
	if npm_is_needed "$sets" && ! { command -v node && command -v npm; } >/dev/null; then want+=$'\nnodejs\nnpm'; fi
	have=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' $want 2>/dev/null | sed -n 's/^installed //p' || true)
	missing=$(grep -vxF -f <(printf '%s\n' "$have") <<<"$want" | sort -u || true)
	[ -n "$missing" ] || return 0
	say "installing" $missing
	quietly as_root apt-get -q update
	without_services quietly as_root env DEBIAN_FRONTEND=noninteractive \
		apt-get -qy --no-install-recommends install $missing
}

# Installing nginx and fcgiwrap would start them as services; what ./dev starts is its own. A machine that has a policy
# for this keeps it.
without_services() {
	local policy=/usr/sbin/policy-rc.d status=0
	[ -e $policy ] && { "$@"; return; }
	printf '#!/bin/sh\nexit 101\n' | as_root tee $policy >/dev/null
	as_root chmod 755 $policy
	( "$@" ) || status=$?
	as_root rm -f $policy
	return $status
}

# The tests need npm's packages; running needs them only when the pages do.
npm_is_needed() { [[ $1 == *" test "* ]] || grep -q '"dependencies"' package.json; }

# need_npm SET: what package-lock.json names, once for each version of that file.
need_npm() {
	local omit=() stamp=node_modules/.countersign
	npm_is_needed " $1 " || return 0
	[ ! $stamp -nt package-lock.json ] || return 0
	[ "$1" = test ] || { omit=(--omit=dev); stamp+=-run; }
	[ ! $stamp -nt package-lock.json ] || return 0
	say "npm ci ${omit[*]}"
	quietly npm ci --no-audit --no-fund "${omit[@]}"
	touch $stamp
}

# build_tree DIR [CONFIGURE-ARGUMENT…]: configures once; after that make knows what is out of date.
build_tree() {
	local dir=$1
	shift
	mkdir -p m4
	[ -e configure ] || { say "autoreconf"; quietly autoreconf -i; }
	mkdir -p "$dir"
	[ -e "$dir/config.status" ] || { say "configure $dir"; (cd "$dir" && quietly "$top/configure" "$@") || exit; }
	make -s -C "$dir" -j"${JOBS:-2}" >&2 || fail "the build in $dir failed"
}
