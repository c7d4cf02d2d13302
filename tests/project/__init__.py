"""
Packaging, benchmarks and fuzzing.
"""
