//! Everything sealed: evidence objects, personal records, the key of each case, blind indexes.
//!
//! Each case has an age identity (X25519) of its own. What belongs to the case is an age file
//! for that identity; the identity is stored in a key store apart from the data, as an age file
//! for the operator's master key. Destroying the one small key object makes all data of the case
//! unreadable, wherever copies of that data are. `docs/reference/vault-format.md` has the bytes.

mod blind;
mod cache;
mod error;
mod keys;
mod location;
mod master;
mod name;
mod seal;
mod vault;

pub use error::{MasterProblem, VaultError};
pub use keys::RotationReport;
pub use location::Location;
pub use master::MasterKey;
pub use name::ObjectName;
pub use seal::MAX_SEALED_BYTES;
pub use vault::{Vault, VaultConfig};
