"""Titles in an entry's own words."""
