"""What is personal, once for every partner that needs it: normalised, hashed, sealed.

dialect ──▶ Person ──seal──▶ a tag's spool ──unseal──▶ destination: normalise ──▶ hash ──▶ partner
"""
