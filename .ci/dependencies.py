"""Licences and bans of all dependencies, read from `cargo metadata`: nothing is downloaded for it.

Every crate must offer a licence that may be used with Apache-2.0, come from the registry that Cargo.lock pins with a
checksum, and not be one that this project has decided against.
"""

import json
import re
import subprocess
import sys

ALLOWED = {
    "0BSD", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD-1-Clause", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0",
    "CC0-1.0", "CDLA-Permissive-2.0", "ISC", "MIT", "MIT-0", "OpenSSL", "Unicode-3.0", "Unlicense", "Zlib",
}
BANNED = {
    "openssl-src": "the system's OpenSSL gets its patches from the distribution",
    "chrono-tz": "times are UTC everywhere",
    "native-tls": "one TLS library is enough",
    "serde_yaml": "unmaintained",
}
# Crates that may stand in the tree twice, each because two dependencies have not met yet.
MAX_DUPLICATES = 15


def offers_an_allowed_licence(expression: str) -> bool:
    """SPDX: every part joined by AND needs one alternative joined by OR that is allowed."""
    text = expression.replace("/", " OR ")
    parts = re.split(r"\bAND\b", text.replace("(", " ").replace(")", " "))
    return all(any(one.strip() in ALLOWED for one in part.split(" OR ")) for part in parts)


def main() -> int:
    command = ["cargo", "metadata", "--format-version", "1", "--locked"]
    packages = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)["packages"]
    faults, names = [], {}
    for package in packages:
        name, licence, source = package["name"], package["license"] or "", package["source"]
        names.setdefault(name, set()).add(package["version"])
        if not offers_an_allowed_licence(licence):
            faults.append(f"{name} {package['version']}: licence {licence or 'missing'!r} is not on the list")
        if name in BANNED:
            faults.append(f"{name}: banned, {BANNED[name]}")
        if source is not None and not source.startswith("registry+"):
            faults.append(f"{name}: comes from {source}, not from the registry")
    duplicates = sorted(name for name, versions in names.items() if len(versions) > 1)
    if len(duplicates) > MAX_DUPLICATES:
        faults.append(f"{len(duplicates)} crates stand in the tree in several versions: {', '.join(duplicates)}")
    print(f"{len(packages)} packages, {len(duplicates)} in several versions, {len(faults)} faults")
    print("\n".join(faults))
    return 1 if faults else 0


sys.exit(main())
