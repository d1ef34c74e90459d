"""Signatures on finals: authorizations, signature images, digital signatures, sheets to sign by hand."""
