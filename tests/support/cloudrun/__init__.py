"""Cloud Run on this machine: every function as a process of its own, behind what calls it in the cloud."""
