"""Faults, injected: each row of the matrix in a module, its cases in the module's `CASES`.

    .venv/bin/python -m loadtests.faults --quick
    .venv/bin/python -m loadtests.faults --only 5 --rounds 10000

`contract.py` says what a case is. What the cases stand on: `shim` (an LD_PRELOAD library that fails
or kills at the n-th call), `simfs` (a file system in memory that forgets what was not synced).
"""

from __future__ import annotations

import importlib
import pkgutil

from loadtests.faults.contract import Case


def find_cases() -> tuple[Case, ...]:
    """The cases of every module here that has some, by row of the matrix."""
    modules = [
        importlib.import_module(f"{__name__}.{found.name}")
        for found in pkgutil.iter_modules(__path__)
        if not found.name.startswith("_")
    ]
    cases = [case for module in modules for case in getattr(module, "CASES", ())]
    return tuple(sorted(cases, key=lambda case: (case.row, case.title)))
