//! A small reference exchange that speaks the platform contract.
