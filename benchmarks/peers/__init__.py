"""The same endpoints as a good engineer of each framework would write them, over our tables, and the floor below all.

They check the same tokens, read the caller once, show each what they may see, and give the same answers. What they
leave out is said in [decision 59](../../docs/decisions/0059-peers.md).
"""
