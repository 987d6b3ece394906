//! The demo's people: three accounts at the exchange, two reviewers, three seniors.

use exchange::{AuthorisationKind, SeedAccount, SeedBalance};
use platform::contract::{
    AccountStatus, BankCard, DocumentKind, KycDocument, Login, PastAddress, ValueClass,
};
use recovery::actor::Rank;
use recovery::sensitive::Sensitive;
use recovery::time::{Span, Timestamp};

/// Staff of the demo.
pub(crate) const STAFF: [(&str, Rank); 5] = [
    ("Rita Reviewer", Rank::Reviewer),
    ("Omar Reviewer", Rank::Reviewer),
    ("Sara Senior", Rank::Senior),
    ("Luis Senior", Rank::Senior),
    ("Noor Senior", Rank::Senior),
];

/// An account of the demo with what its holder knows. Invented people, printed by the demo.
pub(crate) struct Person {
    pub user_name: &'static str,
    pub email: &'static str,
    pub phone: &'static str,
    pub password: &'static str,
    /// Base 32.
    pub totp: &'static str,
    pub name: &'static str,
    pub document: &'static str,
    pub value: ValueClass,
}

/// The three accounts.
pub(crate) const PEOPLE: [Person; 3] = [
    Person {
        user_name: "ann",
        email: "ann.old@example.com",
        phone: "+351912345678",
        password: "green kettle on the stove",
        totp: "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
        name: "Ann Example",
        document: "AB1234567",
        value: ValueClass::Small,
    },
    Person {
        user_name: "ben",
        email: "ben.old@example.com",
        phone: "+4915112345678",
        password: "seven boats in the harbour",
        totp: "KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU",
        name: "Ben Example",
        document: "CD7654321",
        value: ValueClass::Medium,
    },
    Person {
        user_name: "cleo",
        email: "cleo.old@example.com",
        phone: "+33612345678",
        password: "paper moon above the lake",
        totp: "MFRGGZDFMZTWQ2LKMFRGGZDFMZTWQ2LK",
        name: "Cleo Example",
        document: "EF1122334",
        value: ValueClass::Large,
    },
];

/// Where ann's money went before: a whitelisted address, also the one the walkthrough tries.
pub(crate) const KNOWN_ADDRESS: &str = "bc1q50rtrmj2f8vl9tem8qpfw36ylw5jg9j29e5za5";
/// The key of that address, for tests that sign with it. No money ever lay there.
#[cfg(test)]
pub(crate) const KNOWN_KEY: [u8; 32] = [7; 32];
/// How much went there (the exchange's seed of past addresses).
pub(crate) const KNOWN_AMOUNT: &str = "0.01 BTC";

/// The recovery code that everybody has from before.
pub(crate) const OLD_CODE: &str = "WXYZ-2345-6789-ABCD";

/// Everybody's birthday, and the day on which their documents end.
pub(crate) const BIRTH_DATE: &str = "1990-05-17";
pub(crate) const EXPIRY: &str = "2031-05-16";

/// The account of a person, as the exchange seeds it.
pub(crate) fn account(person: &Person, portrait: Option<Vec<u8>>, now: Timestamp) -> SeedAccount {
    let registered_at = now - Span::days(900);
    let secret = |text: &str| Sensitive::new(text.to_owned());
    SeedAccount {
        user_name: person.user_name.to_owned(),
        email: person.email.to_owned(),
        phone: Some(person.phone.to_owned()),
        password: secret(person.password),
        totp_secret: Some(secret(person.totp)),
        passkey: None,
        recovery_codes: vec![secret(OLD_CODE)],
        document: Some(KycDocument {
            kind: DocumentKind::NationalId,
            country: "PRT".to_owned(),
            number: secret(person.document),
            name: secret(person.name),
            birth_date: secret(BIRTH_DATE),
            expiry: Some(EXPIRY.to_owned()),
        }),
        portrait,
        registered_at,
        status: AccountStatus::Ordinary,
        value: person.value,
        tier_hint: None,
        cards: vec![BankCard {
            bank: secret("Banco Exemplo"),
            last_four: secret("4242"),
        }],
        past_addresses: vec![PastAddress {
            chain: "bitcoin".to_owned(),
            address: secret(KNOWN_ADDRESS),
        }],
        whitelist: vec![PastAddress {
            chain: "bitcoin".to_owned(),
            address: secret(KNOWN_ADDRESS),
        }],
        api_keys: vec!["trading bot".to_owned()],
        authorisations: vec![
            (AuthorisationKind::Oauth, "Portfolio app".to_owned()),
            (AuthorisationKind::CopyTrading, "Top trader".to_owned()),
            (AuthorisationKind::Web3, "Browser wallet".to_owned()),
        ],
        logins: vec![Login {
            ip: secret("81.2.69.142"),
            city: Some(secret("Lisbon")),
            country: Some("PT".to_owned()),
            device: Some(secret("Chrome on Android")),
            device_token: None,
            at: now - Span::days(20),
        }],
        push_device: Some("ann's old phone".to_owned()),
        balances: ["spot", "funding"]
            .iter()
            .map(|wallet| SeedBalance {
                wallet: (*wallet).to_owned(),
                asset: "USDT".to_owned(),
                amount: "1000".to_owned(),
            })
            .collect(),
    }
}

/// Puts an account on a list, or into the archive: then nobody signed in since it was opened.
pub(crate) fn set_status(account: &mut SeedAccount, status: AccountStatus) {
    account.status = status;
    if status == AccountStatus::Archived {
        for login in &mut account.logins {
            login.at = account.registered_at + Span::days(1);
        }
    }
}
