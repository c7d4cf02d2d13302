"""What chatroom promises, as tests. Run with C{python -m twisted.trial tests}."""

import os
from pathlib import Path

# What Hypothesis has found out about characters and about our source takes it five seconds, and is kept in one place:
# trial gives each process that runs tests side by side an empty folder of its own.
os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", str(Path(__file__).resolve().parent.parent / ".hypothesis"))

from hypothesis import HealthCheck, Phase, settings

CI = "CI" in os.environ

# How long an example takes says something about the machine, and nothing about chatroom.
# CI tries the same examples each time: a change is not refused for what was there before it. Others are tried by hand.
# Nor does it look for a shorter example of a failure, which takes minutes.
settings.register_profile(
    "chatroom",
    deadline=None,
    derandomize=CI,
    phases=(Phase.explicit, Phase.reuse, Phase.generate) if CI else tuple(Phase),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("chatroom")
