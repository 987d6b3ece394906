//! What an applicant recalls, as far as its form can be told without the account.

pub mod address;
