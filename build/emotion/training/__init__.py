"""Training of the emotion model: teachers, student, linear heads, ablation."""
