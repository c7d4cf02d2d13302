"""
What a daemon of make chaos has besides the product: a folder in its PYTHONPATH.
"""
