"""What any training needs: checkpoints, a schedule, the mean of weights, what it says while it runs."""
