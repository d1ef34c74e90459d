"""The desk: a page in the browser over the files of a campaign, for one person on this machine."""
