//! The Merkle log's arithmetic: leaf and node digests.
