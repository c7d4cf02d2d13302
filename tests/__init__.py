"""What chatroom promises, as tests. Run with C{python -m twisted.trial tests}."""

from hypothesis import settings

# How long an example takes says something about the machine, and nothing about chatroom.
settings.register_profile("chatroom", deadline=None)
settings.load_profile("chatroom")
