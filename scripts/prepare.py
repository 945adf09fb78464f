"""Bring .venv up to date: called by scripts/setup when something may be missing, with any Python.

Three stages, each skipped when a fingerprint says that it was done: the virtual environment,
the locked dependencies, FlowEx itself (editable, with its native core where a compiler is).
Only the standard library is used, because nothing else is there yet.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
READY = VENV / ".ready"
STAGES = VENV / ".stages"
LOCK = ROOT / "requirements" / "dev.txt"
PACKAGE_SOURCES = ("CMakeLists.txt", "pyproject.toml", "core")
CACHE_FOLDERS = ("tests", "fuzz", "bench")
LOG_LINES_SHOWN = 60
NO_NATIVE = "FlowEx: no native core:"  # How CMakeLists.txt begins its reason.


def main() -> None:
    """Prepare the environment, one process at a time, and stamp it with the given facts."""
    facts = sys.argv[1]
    os.chdir(ROOT)
    with (ROOT / ".venv.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        started = time.time()
        engine = prepare(facts)
        # Without the native engine the stamp never fits: each call looks again for what it lacked.
        READY.write_text(facts if engine == "native" else f"{facts} {engine}", encoding="utf-8")
        # Files edited while we worked must count as newer than the stamp.
        os.utime(READY, (started, started))


def prepare(facts: str) -> str:
    """Run the stages that are not done yet, and name the engine that serves."""
    wanted = environment_fingerprint()
    done = read_stages()
    if done.get("environment") != wanted or not (VENV / "bin" / "python").exists():
        say(f"setup: making .venv with Python {sys.version.split()[0]}")
        run([base_python(), "-m", "venv", "--clear", str(VENV)], "the virtual environment")
        done = {"environment": wanted}
        write_stages(done)

    wanted = fingerprint([LOCK])
    if done.get("dependencies") != wanted:
        install_dependencies()
        write_stages(done := done | {"dependencies": wanted})

    header = Path(sysconfig.get_paths()["include"]) / "Python.h"
    wanted = f"{fingerprint(package_files())} {facts} {header} {header.exists()}"
    if done.get("package") != wanted:
        done |= {"package": wanted, "engine": install_package()}
        write_stages(done)
    return done["engine"]


def base_python() -> str:
    """Return the interpreter itself, not the link of the environment about to be replaced."""
    return os.path.realpath(sys.executable)


def environment_fingerprint() -> str:
    """Tell one environment from another: where it lies and which interpreter it stands on."""
    return f"{ROOT} {base_python()} {sys.version}"


def package_files() -> list[Path]:
    """List what the installed package is made from; its Python needs no installing."""
    files: list[Path] = []
    for name in PACKAGE_SOURCES:
        path = ROOT / name
        files += [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file())
    return [
        path
        for path in files
        if not any(path.is_relative_to(ROOT / "core" / name) for name in CACHE_FOLDERS)
    ]


def fingerprint(files: list[Path]) -> str:
    """Hash names and contents."""
    digest = hashlib.sha256()
    for path in files:
        digest.update(f"{path.relative_to(ROOT)}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def read_stages() -> dict[str, str]:
    """Read which stages were done, for what; nothing where there is no environment yet."""
    if not STAGES.exists():
        return {}
    stages: dict[str, str] = json.loads(STAGES.read_text(encoding="utf-8"))
    return stages


def write_stages(stages: dict[str, str]) -> None:
    """Note what was done."""
    STAGES.write_text(json.dumps(stages, indent=1) + "\n", encoding="utf-8")


def install_dependencies() -> None:
    """Install exactly the lock, by hash, counting the packages as they come."""
    pinned = sum(1 for line in LOCK.read_text(encoding="utf-8").splitlines() if "==" in line)
    say(f"setup: installing {pinned} locked packages (once; about a minute)")
    command = [*pip("install"), "--require-hashes", "--requirement", str(LOCK)]
    log: list[str] = []
    seen = 0
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            log.append(line)
            if line.startswith(("Collecting ", "Requirement already satisfied: ")):
                seen += 1
                show_progress(seen, pinned, package_name(line))
            elif line.startswith("Installing collected packages"):
                show_progress(pinned, pinned, "unpacking")
    show_progress(pinned, pinned, "")
    if process.returncode:
        fail("the locked packages could not be installed", "".join(log))


def package_name(line: str) -> str:
    """Take the name out of pip's line, as in `Collecting rich==15.0.0 (from -r ...)`."""
    return (
        line.removeprefix("Requirement already satisfied: ")
        .removeprefix("Collecting ")
        .split("==")[0]
    )


def show_progress(seen: int, total: int, name: str) -> None:
    """Redraw one line on a terminal; elsewhere print every twentieth package."""
    if sys.stdout.isatty():
        end = "" if name else "\n"
        print(f"\r\033[K  [{seen:3}/{total}] {name[:40]}", end=end, flush=True)
    elif name and seen % 20 == 0:
        say(f"  [{seen:3}/{total}] {name[:40]}")


def install_package() -> str:
    """Install FlowEx editable and compile its core; say which engine resulted, and why."""
    say("setup: building FlowEx (the native core takes about 20 seconds the first time)")
    # No isolation: the build tools are in the lock already, and the build folder can be reused.
    options = ["--verbose", "--no-deps", "--no-build-isolation"]
    log = run([*pip("install"), *options, "--editable", "."], "FlowEx")
    reason = next((line.split(NO_NATIVE)[1] for line in log.splitlines() if NO_NATIVE in line), "")
    if not reason:
        say("setup: ready, with the native engine")
    else:
        say(f"setup: ready, without the native engine:{reason}")
        say(
            "  For the fast one:  apt-get install g++ python3-dev  (macOS: xcode-select --install),"
        )
        say("  then:              make setup")


def pip(action: str) -> list[str]:
    """Begin a pip command inside the environment."""
    quiet = ["--disable-pip-version-check", "--no-input", "--progress-bar", "off"]
    return [str(VENV / "bin" / "python"), "-m", "pip", action, *quiet]


def run(command: list[str], what: str) -> str:
    """Run a command silently and return its log; when it fails, show the end of it and stop."""
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    if answer.returncode:
        fail(f"{what} could not be made", answer.stdout + answer.stderr)
    return answer.stdout + answer.stderr


def fail(reason: str, log: str) -> None:
    """Stop with the reason last, where it is read."""
    tail = "\n".join(log.splitlines()[-LOG_LINES_SHOWN:])
    sys.exit(f"{tail}\n\nsetup: {reason}; see above.")


def say(words: str) -> None:
    """Print a line at once, so that a log shows how far it came."""
    print(words, flush=True)


if __name__ == "__main__":
    main()
