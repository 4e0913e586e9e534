# shellcheck shell=bash
# Sourced by the scripts: brings what is missing on a Debian or Ubuntu machine, and nothing that is there.

# Installs the packages named that are not installed yet.
install_packages() {
    local missing=()
    for package in "$@"; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' ||
            missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return 0
    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || {
            echo "please install as root: apt-get install ${missing[*]}" >&2
            return 1
        }
        as_root=(sudo)
    fi
    echo "installing: ${missing[*]}"
    "${as_root[@]}" apt-get update -q >/dev/null
    DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -q --no-install-recommends \
        "${missing[@]}" >/dev/null
}

# Makes the virtual environment $1 with the requirement files that follow, unless it has them already.
install_python() {
    local venv=$1
    shift
    local wanted
    wanted=$(cat "$@" | sha256sum | cut -d' ' -f1)
    [ -f "$venv/.wanted" ] && [ "$(cat "$venv/.wanted")" = "$wanted" ] && return 0
    echo "installing Python packages into $venv"
    python3 -m venv "$venv"
    local file
    for file in "$@"; do
        "$venv/bin/pip" install -q --disable-pip-version-check -r "$file" 2>/dev/null ||
            "$venv/bin/pip" install --disable-pip-version-check -r "$file"
    done
    echo "$wanted" >"$venv/.wanted"
}

# Installs npm packages NAME@VERSION into build/npm, without their scripts.
install_npm() {
    command -v npm >/dev/null || install_packages npm
    local package
    for package in "$@"; do
        local there=build/npm/node_modules/${package%@*}/package.json
        grep -qs "\"version\": \"${package##*@}\"" "$there" && continue
        npm install --silent --no-save --ignore-scripts --no-audit --no-fund --prefix build/npm "$package"
    done
}
