"""Python's search for circular garbage, made rare in the processes that serve for days."""

import gc

# Python looks through its newest objects after each 700. A request makes tens of thousands, hardly any of them in
# circles, and by the default it pays for some fifty looks; the circles of this many objects are a few megabytes.
_NEW_OBJECTS = 50_000
_LOOKS_BEFORE_OLDER_ONES = 20


def collect_rarely() -> None:
    """Leave what is loaded by now out of every later search, and search seldom."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS, _LOOKS_BEFORE_OLDER_ONES, _LOOKS_BEFORE_OLDER_ONES)
