"""What every function needs: the domain, the pipeline, the ports, the encoder."""
