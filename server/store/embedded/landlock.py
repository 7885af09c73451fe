"""Landlock: the process gives up, for good, every file and connection that it has no use for.

The engine reads and writes files by name (`file()`, INTO OUTFILE, table engines) and connects where
a query says. chDB cannot be told not to, so the kernel is
(https://docs.kernel.org/userspace-api/landlock.html). A fence holds the calling thread and those
that it starts later, so it has to stand before chDB is imported, which starts some. It does not
hide what lies inside the writable folder, stop UDP, or close what is open already.
"""

from __future__ import annotations

import ctypes
import logging
import os
import struct
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path

import server

_LOG = logging.getLogger(__name__)

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_PR_SET_NO_NEW_PRIVS = 38
_GET_VERSION = 1
_PATH_BENEATH = 1

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_READ = _EXECUTE | _READ_FILE | _READ_DIR
_READ_ONE_FILE = _EXECUTE | _READ_FILE
# How many of the rights, in the kernel's order, each version of the interface knows.
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15}
_LATEST_FILE_RIGHTS = 16
_BIND_AND_CONNECT_TCP = 0b11
_ABSTRACT_SOCKETS_AND_SIGNALS = 0b11


def fence(writable: Path) -> int:
    """Leaves `writable`, Python and the system's libraries; no TCP connection, no new port.

    Returns the version of Landlock that holds; 0 where there is none (macOS, old kernels), with a
    warning: then only the gate and the engine's grants stand between a query and the machine.
    """
    version = _version()
    if version < 1:
        _LOG.warning("Landlock is not available: the store is not fenced to %s", writable)
        return 0
    if len(os.listdir("/proc/self/task")) > 1:
        _LOG.warning("threads run already: Landlock does not hold them")
    _forget_environment()
    every = (1 << _FILE_RIGHTS.get(version, _LATEST_FILE_RIGHTS)) - 1
    rules = _ruleset(version, every)
    try:
        _allow(rules, writable, every & ~_EXECUTE)
        for path in _readable():
            _allow(rules, path, _READ if path.is_dir() else _READ_ONE_FILE)
        _allow(rules, Path("/dev/null"), _READ_FILE | _WRITE_FILE)
        _restrict(rules)
    finally:
        os.close(rules)
    return version


def _readable() -> Iterable[Path]:
    """Python, its packages, the system's libraries, time zones, and how large the machine is."""
    paths = sysconfig.get_paths()
    named = [
        *(sys.prefix, sys.base_prefix, paths["stdlib"], paths["purelib"], paths["platlib"]),
        *(entry for entry in sys.path if entry.endswith("site-packages")),
        str(Path(server.__file__).parent),
        *("/usr/lib", "/usr/lib64", "/usr/share/zoneinfo", "/lib", "/lib64", "/etc/ld.so.cache"),
        *("/etc/localtime", "/dev/urandom", "/proc/meminfo", "/proc/self/maps", "/proc/self/statm"),
        *("/proc/self/cgroup", "/sys/fs/cgroup", "/proc/sys/vm/overcommit_memory"),
        *("/sys/devices/system/cpu", "/sys/devices/system/node"),
        # Each query reads its threads' statistics; refused, it takes twice as long (5 ms, 10 ms).
        "/proc/self/task",
    ]
    return [path for path in map(Path, dict.fromkeys(named)) if path.exists()]


def _forget_environment() -> None:
    """Wipes what /proc shows of it, so that reading /proc/self/task tells no secret of anybody's.

    Variables stay in `os.environ` and for C: they are put anew, into memory of our own.
    """
    fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    start, end = int(fields[47]), int(fields[48])  # env_start, env_end: proc(5)
    kept = dict(os.environ)
    ctypes.memset(start, 0, end - start)
    for name, value in kept.items():
        os.putenv(name, value)


def _version() -> int:
    if sys.platform != "linux":
        return 0
    return max(int(_libc().syscall(_CREATE_RULESET, None, 0, _GET_VERSION)), 0)


def _ruleset(version: int, file_rights: int) -> int:
    attributes = struct.pack(
        "QQQ",
        file_rights,
        _BIND_AND_CONNECT_TCP,
        _ABSTRACT_SOCKETS_AND_SIGNALS,
    )
    size = 8 if version < 4 else 16 if version < 6 else 24
    return _call(_CREATE_RULESET, ctypes.c_char_p(attributes), ctypes.c_size_t(size), 0)


def _allow(rules: int, path: Path, rights: int) -> None:
    opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        rule = struct.pack("=Qi", rights, opened)
        _call(_ADD_RULE, rules, _PATH_BENEATH, ctypes.c_char_p(rule), 0)
    finally:
        os.close(opened)


def _restrict(rules: int) -> None:
    if _libc().prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_NO_NEW_PRIVS)")
    _call(_RESTRICT_SELF, rules, 0)


def _call(number: int, *arguments: object) -> int:
    result = int(_libc().syscall(number, *arguments))
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"Landlock: {os.strerror(error)}")
    return result


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
