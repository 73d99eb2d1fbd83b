"""What cloudbuild.yaml runs that needs more than a line."""
