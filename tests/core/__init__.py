"""What is true and what is allowed, without any Twisted but its test cases."""
