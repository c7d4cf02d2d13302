"""What chatroom promises, as tests. Run with C{python -m twisted.trial tests}."""

import os

from hypothesis import HealthCheck, settings

# How long an example takes says something about the machine, and nothing about chatroom.
# CI tries the same examples each time: a change is not refused for what was there before it. Others are tried by hand.
settings.register_profile(
    "chatroom", deadline=None, derandomize="CI" in os.environ, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("chatroom")
