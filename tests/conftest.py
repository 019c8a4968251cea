# SPDX-License-Identifier: Apache-2.0
"""Lets every Python test find what they share in tests/lib and tests/property."""
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE / "lib"), str(HERE / "property")]
