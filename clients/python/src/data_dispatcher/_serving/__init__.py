"""Serves a Python dataset to dispatchers."""

from .entry import serve

__all__ = ["serve"]
