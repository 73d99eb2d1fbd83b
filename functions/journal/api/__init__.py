"""The journal's HTTP routes and the views they return."""
