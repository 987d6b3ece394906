//! The Merkle log's arithmetic: leaf and node digests (RFC 6962, section 2.1).

use sha2::{Digest, Sha256};

/// What a digest of a leaf begins with, so that no leaf can pass for a node (RFC 6962, 2.1).
const LEAF_PREFIX: [u8; 1] = [0x00];
/// What a digest of a node begins with (RFC 6962, 2.1).
const NODE_PREFIX: [u8; 1] = [0x01];

/// A SHA-256 digest: 32 bytes.
pub type LogDigest = [u8; 32];

/// The digest of one log entry: SHA-256 of 0x00 and the entry's bytes (RFC 6962, section 2.1).
#[must_use]
pub fn leaf_digest(entry: &[u8]) -> LogDigest {
    let mut hash = Sha256::new();
    hash.update(LEAF_PREFIX);
    hash.update(entry);
    hash.finalize().into()
}

/// The digest of two subtrees: SHA-256 of 0x01 and both digests (RFC 6962, section 2.1).
#[must_use]
pub fn node_digest(left: &LogDigest, right: &LogDigest) -> LogDigest {
    let mut hash = Sha256::new();
    hash.update(NODE_PREFIX);
    hash.update(left);
    hash.update(right);
    hash.finalize().into()
}

/// The root of a list of leaf digests; of none, the digest of nothing (RFC 6962, section 2.1).
///
/// Level by level: neighbours are paired and a single last one rises unchanged, which gives the
/// same tree as the standard's split at the largest power of two, without recursion.
#[must_use]
pub fn root(leaves: &[LogDigest]) -> LogDigest {
    let mut level = leaves.to_vec();
    while level.len() > 1 {
        level = level
            .chunks(2)
            .map(|pair| match pair {
                [left, right] => node_digest(left, right),
                rest => rest.first().copied().unwrap_or_default(),
            })
            .collect();
    }
    level
        .first()
        .copied()
        .unwrap_or_else(|| Sha256::digest([]).into())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use data_encoding::HEXLOWER;

    use super::*;

    fn hex(digest: LogDigest) -> String {
        HEXLOWER.encode(&digest)
    }

    /// The eight entries of the certificate-transparency reference tests.
    const ENTRIES: [&str; 8] = [
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    ];

    /// The roots of the first 1..=8 of them, from the same reference tests.
    const ROOTS: [&str; 8] = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    #[test]
    fn the_root_of_nothing_is_the_digest_of_nothing() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(hex(root(&[])), empty);
    }

    #[test]
    fn leaves_and_nodes_match_the_published_vectors() {
        assert_eq!(
            hex(leaf_digest(b"")),
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
        );
        assert_eq!(
            hex(leaf_digest(b"L123456")),
            "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56"
        );
        // The node over these two is computed by the reference from raw 4-byte halves; see `ROOTS`
        // for the node digest over real leaves.
        let mut hash = Sha256::new();
        hash.update([0x01]);
        hash.update(b"N123");
        hash.update(b"N456");
        assert_eq!(
            hex(hash.finalize().into()),
            "aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb"
        );
    }

    #[test]
    fn roots_match_the_reference_log_at_every_size() {
        let leaves: Vec<LogDigest> = ENTRIES
            .iter()
            .map(|entry| leaf_digest(&HEXLOWER.decode(entry.as_bytes()).unwrap()))
            .collect();
        for (index, expected) in ROOTS.iter().enumerate() {
            assert_eq!(
                &hex(root(&leaves[..=index])),
                expected,
                "{} leaves",
                index + 1
            );
        }
    }

    /// The standard's own recursive definition, kept as the oracle.
    fn by_definition(leaves: &[LogDigest]) -> LogDigest {
        match leaves {
            [] => Sha256::digest([]).into(),
            [only] => *only,
            more => {
                let split = more.len().next_power_of_two() / 2;
                node_digest(
                    &by_definition(&more[..split]),
                    &by_definition(&more[split..]),
                )
            }
        }
    }

    #[test]
    fn level_by_level_equals_the_recursive_definition() {
        let leaves: Vec<LogDigest> = (0_u32..130)
            .map(|n| leaf_digest(&n.to_be_bytes()))
            .collect();
        for count in 0..=leaves.len() {
            assert_eq!(
                root(&leaves[..count]),
                by_definition(&leaves[..count]),
                "{count} leaves"
            );
        }
    }
}
