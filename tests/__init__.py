"""What chatroom promises, as tests. Run with C{python -m twisted.trial tests}."""
