//! What the circumstances of a request say, computed from values: where from, with which device,
//! after which changes, and how often.
//!
//! The shell looks things up and tells what it knows. `None` stands for a source that is missing
//! or failed: its signal is unavailable, never "fine". No signal decides anything by itself.

mod distance;
mod history;
mod marks;
mod place;
mod velocity;

pub use distance::{EARTH_RADIUS_KM, PastLogin, Spot, distance_km, nearest_km, usual_spot};
pub use history::{account_changes, address_control, device_familiar};
pub use marks::{contact_marked, device_marked};
pub use place::{
    Anonymity, ip_distance, ip_network, ip_region, ip_service, ip_travel, ip_usual, is_in,
};
pub use velocity::{
    VELOCITY_SPAN, contact_cases, contact_disposable, contact_young, is_listed, velocity_account,
    velocity_device, velocity_network,
};

/// Every code, in the order in which they are shown.
pub const CODES: [&str; 17] = [
    code::IP_DISTANCE,
    code::IP_USUAL,
    code::IP_TRAVEL,
    code::IP_REGION,
    code::IP_SERVICE,
    code::IP_NETWORK,
    code::DEVICE_FAMILIAR,
    code::DEVICE_MARKED,
    code::CONTACT_DISPOSABLE,
    code::CONTACT_YOUNG,
    code::CONTACT_CASES,
    code::CONTACT_MARKED,
    code::ACCOUNT_CHANGES,
    code::VELOCITY_NETWORK,
    code::VELOCITY_DEVICE,
    code::VELOCITY_ACCOUNT,
    code::ADDRESS_CONTROL,
];

/// Stable codes.
pub mod code {
    /// Kilometres to the nearest past login.
    pub const IP_DISTANCE: &str = "ip.distance";
    /// Kilometres to the place of most past logins.
    pub const IP_USUAL: &str = "ip.usual";
    /// Speed from the newest login.
    pub const IP_TRAVEL: &str = "ip.travel";
    /// A country of high risk (M27).
    pub const IP_REGION: &str = "ip.region";
    /// A country that the platform does not serve (M26).
    pub const IP_SERVICE: &str = "ip.service";
    /// A hosting or an anonymous network.
    pub const IP_NETWORK: &str = "ip.network";
    /// Past logins of the same device.
    pub const DEVICE_FAMILIAR: &str = "device.familiar";
    /// The device of a request that its holder stopped.
    pub const DEVICE_MARKED: &str = "device.marked";
    /// A throw-away mail address.
    pub const CONTACT_DISPOSABLE: &str = "contact.disposable";
    /// A mail address in a domain that was registered lately.
    pub const CONTACT_YOUNG: &str = "contact.young";
    /// The same new address for other accounts.
    pub const CONTACT_CASES: &str = "contact.cases";
    /// The new address of a request that its holder stopped.
    pub const CONTACT_MARKED: &str = "contact.marked";
    /// Factors changed shortly before.
    pub const ACCOUNT_CHANGES: &str = "account.changes";
    /// Other cases from the same network.
    pub const VELOCITY_NETWORK: &str = "velocity.network";
    /// Other cases of the same device.
    pub const VELOCITY_DEVICE: &str = "velocity.device";
    /// Other cases for the same account.
    pub const VELOCITY_ACCOUNT: &str = "velocity.account";
    /// Signed with the key of an address that the account withdrew to (B14).
    pub const ADDRESS_CONTROL: &str = "address.control";
}
