"""Runs a command under what a unit of systemd restricts, where no systemd runs: `python confined.py UNIT DIRECTORY COMMAND…`

By the kernel's own means, and with systemd's own groups of system calls: SystemCallFilter, MemoryDenyWriteExecute (as the filter
that systemd installs, and as the kernel's own PR_SET_MDWE), RestrictAddressFamilies, NoNewPrivileges, no capabilities,
ProtectSystem=strict (all is read-only but DIRECTORY and /tmp), UMask. As root; needs libseccomp and systemd-analyze.
"""

from __future__ import annotations

import ctypes
import errno
import mmap
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_EQUAL, _GREATER, _MASKED = 4, 6, 7
_PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS, _PR_SET_MDWE, _MDWE_REFUSE_EXEC_GAIN = 24, 38, 65, 1
_CLONE_NEWNS, _MS_BIND, _MS_REC, _MS_PRIVATE = 0x20000, 0x1000, 0x4000, 0x40000
_mount_setattr, _AT_RECURSIVE, _MOUNT_ATTR_RDONLY = 442, 0x8000, 1
_SHM_EXEC = 0o100000
libc = ctypes.CDLL(None, use_errno=True)


class _Comparison(ctypes.Structure):
    """struct scmp_arg_cmp (seccomp_rule_add(3))"""

    _fields_ = (("arg", ctypes.c_uint), ("op", ctypes.c_int), ("a", ctypes.c_uint64), ("b", ctypes.c_uint64))


class _MountAttributes(ctypes.Structure):
    """struct mount_attr (mount_setattr(2))"""

    _fields_ = tuple((name, ctypes.c_uint64) for name in ("set", "clear", "propagation", "namespace"))


def options(unit: Path) -> Iterator[tuple[str, str]]:
    """The settings of [Service], in their order."""
    section = ""
    for line in unit.read_text().splitlines():
        if line.startswith("["):
            section = line
        elif section == "[Service]" and "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            yield key, value


def calls(group: str) -> set[str]:
    """The system calls of a group of systemd's."""
    shown = subprocess.run(["systemd-analyze", "syscall-filter", group], capture_output=True, text=True, check=True, timeout=30)
    found: set[str] = set()
    for line in shown.stdout.splitlines()[1:]:
        word = line.strip()
        if word.startswith("@"):
            found |= calls(word)
        elif word and not word.startswith("#"):
            found.add(word)
    return found


class Filter:
    """A filter of system calls in the making: what no rule speaks of gets `default`."""

    def __init__(self, default: int) -> None:
        self.library = ctypes.CDLL("libseccomp.so.2")
        self.library.seccomp_init.restype = ctypes.c_void_p
        self.context = ctypes.c_void_p(self.library.seccomp_init(default))

    def rule(self, action: int, call: str, *comparison: int) -> None:
        number = self.library.seccomp_syscall_resolve_name(call.encode())
        if number < 0:
            return  # of another architecture
        one = (_Comparison * 1)(_Comparison(*comparison))
        done = self.library.seccomp_rule_add_array(self.context, action, number, int(bool(comparison)), one)
        assert done == 0, (call, done)

    def load(self) -> None:
        assert self.library.seccomp_load(self.context) == 0


def restricted(unit: Path) -> None:
    """What [Service] of `unit` says of system calls, memory, sockets and privileges holds for this process from now on."""
    found: dict[str, list[str]] = {}
    for key, value in options(unit):
        found.setdefault(key, []).append(value)
    allowed: set[str] = set()
    for words in found["SystemCallFilter"]:
        groups = words.removeprefix("~").split()
        for one in groups:
            allowed = allowed - calls(one) if words.startswith("~") else allowed | calls(one)
    os.umask(int(found["UMask"][0], 8))
    assert found["CapabilityBoundingSet"] == [""]
    for capability in range(64):
        libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)
    assert libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
    shape = Filter(_ALLOW)
    if found["MemoryDenyWriteExecute"] == ["yes"]:
        libc.prctl(
            _PR_SET_MDWE, _MDWE_REFUSE_EXEC_GAIN, 0, 0, 0
        )  # a kernel before 6.3 does not know it; the filter does the same
        both = mmap.PROT_EXEC | mmap.PROT_WRITE
        shape.rule(_ERRNO | errno.EPERM, "mmap", 2, _MASKED, both, both)
        for call in ("mprotect", "pkey_mprotect"):
            shape.rule(_ERRNO | errno.EPERM, call, 2, _MASKED, mmap.PROT_EXEC, mmap.PROT_EXEC)
        shape.rule(_ERRNO | errno.EPERM, "shmat", 2, _MASKED, _SHM_EXEC, _SHM_EXEC)
    families = {int(getattr(socket, one)) for one in found["RestrictAddressFamilies"][0].split()}
    for family in set(range(max(families))) - families:
        shape.rule(_ERRNO | errno.EAFNOSUPPORT, "socket", 0, _EQUAL, family, 0)
    shape.rule(_ERRNO | errno.EAFNOSUPPORT, "socket", 0, _GREATER, max(families), 0)
    shape.load()
    whole = Filter(_ERRNO | errno.EPERM)
    for call in sorted(allowed):
        whole.rule(_ALLOW, call)
    whole.load()


def shut_in(directory: Path) -> None:
    """Nothing can be written but `directory` and /tmp."""
    assert libc.unshare(_CLONE_NEWNS) == 0, os.strerror(ctypes.get_errno())
    assert libc.mount(b"none", b"/", None, _MS_REC | _MS_PRIVATE, None) == 0
    writable = [str(directory).encode(), b"/tmp"]
    for one in writable:
        assert libc.mount(one, one, None, _MS_BIND | _MS_REC, None) == 0
    _attribute(b"/", _MountAttributes(_MOUNT_ATTR_RDONLY, 0, 0, 0), _AT_RECURSIVE)
    for one in writable:
        _attribute(one, _MountAttributes(0, _MOUNT_ATTR_RDONLY, 0, 0), 0)


def _attribute(path: bytes, attributes: _MountAttributes, flags: int) -> None:
    size = ctypes.sizeof(attributes)
    done = libc.syscall(_mount_setattr, -1, path, flags, ctypes.byref(attributes), size)
    assert done == 0, os.strerror(ctypes.get_errno())


if __name__ == "__main__":
    unit, directory, *command = sys.argv[1:]
    shut_in(Path(directory))
    restricted(Path(unit))
    os.execvp(command[0], command)
