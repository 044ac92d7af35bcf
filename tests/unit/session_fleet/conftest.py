"""Loads neonize once: its import leaves a pipe open, which would fail whatever test is running."""

import gc
import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore", ResourceWarning)
    import neonize  # pyright: ignore[reportMissingTypeStubs] - it ships none

    gc.collect()

__all__ = ["neonize"]
