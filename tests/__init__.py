"""What chatroom promises, as tests. Run with C{python -m twisted.trial tests}."""

import os

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
