"""The images themselves, built and run without a daemon; its modules share what builds them."""
