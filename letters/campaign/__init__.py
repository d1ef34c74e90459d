"""Loads a campaign, and answers what it holds: its fields, selections of its recipients, copies, citations."""
