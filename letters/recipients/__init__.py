"""Brings lists as people have them into a campaign: a plan that shows every repair, then exactly that plan."""
