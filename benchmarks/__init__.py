"""Benchmarks: each compares with a named peer in the same run, and prints ratios."""
