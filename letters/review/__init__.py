"""The status of each letter, and the approvals it has."""
