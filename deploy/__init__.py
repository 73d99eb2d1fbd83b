"""Scripts for the steps of cloudbuild.yaml; standard library only."""
