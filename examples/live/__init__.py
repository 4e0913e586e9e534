"""A live page of what the people who carry some phones are doing. See README.md."""
