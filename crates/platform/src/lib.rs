//! The operator's system: the contract by which Regain asks it and tells it what to do, and a client.
