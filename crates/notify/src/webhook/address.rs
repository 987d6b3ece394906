//! Where a webhook may go: public addresses, and the networks that the operator allows.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use thiserror::Error;

/// IPv4 that is not public: the IANA special-purpose registry (RFC 6890 and its updates), multicast
/// and what is reserved. The relay anycast of 6to4 (RFC 7526) is in it too.
const V4: [(Ipv4Addr, u8); 15] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    // With the address at which clouds tell their machines secrets.
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    (Ipv4Addr::new(240, 0, 0, 0), 4),
];

/// The part of IPv6 that is given out as global unicast (RFC 4291). Everything else is not public:
/// loopback, link-local, unique local, multicast, and NAT64, which hides an IPv4.
const V6_GLOBAL: (Ipv6Addr, u8) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// What in it is not public either: protocol assignments with Teredo, documentation, and 6to4,
/// which hides an IPv4 too.
const V6: [(Ipv6Addr, u8); 4] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

/// Bits of an address, IPv4 at the upper end.
fn bits(ip: IpAddr) -> u128 {
    match ip {
        IpAddr::V4(ip) => u128::from(ip.to_bits()) << 96,
        IpAddr::V6(ip) => ip.to_bits(),
    }
}

fn within(ip: IpAddr, base: IpAddr, length: u8) -> bool {
    let differing = bits(ip) ^ bits(base);
    ip.is_ipv4() == base.is_ipv4() && differing.leading_zeros() >= u32::from(length)
}

/// Whether everybody in the internet means the same machine by this address. An IPv4 inside an
/// IPv6 (`::ffff:127.0.0.1`) counts as what it is.
#[must_use]
pub fn is_public(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => !V4
            .iter()
            .any(|(base, length)| within(ip.into(), (*base).into(), *length)),
        IpAddr::V6(ip) => {
            let (base, length) = V6_GLOBAL;
            within(ip.into(), base.into(), length)
                && !V6
                    .iter()
                    .any(|(base, length)| within(ip.into(), (*base).into(), *length))
        }
    }
}

/// A network of the operator's, such as `10.0.0.0/8` or `fd00:1::/32`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    base: IpAddr,
    length: u8,
}

/// Not a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum NotANetwork {
    /// No address, or no length that fits it.
    #[error("use an address and a length, such as 10.0.0.0/8 or fd00:1::/32")]
    Form,
    /// More bits are set than the length says.
    #[error("the address has bits behind its length; write the first address of the network")]
    Beyond,
}

impl Network {
    /// Whether this address is in it.
    #[must_use]
    pub fn holds(&self, ip: IpAddr) -> bool {
        within(ip.to_canonical(), self.base, self.length)
    }
}

impl FromStr for Network {
    type Err = NotANetwork;

    fn from_str(text: &str) -> Result<Self, NotANetwork> {
        let (base, length) = text.split_once('/').ok_or(NotANetwork::Form)?;
        let base: IpAddr = base.parse().map_err(|_| NotANetwork::Form)?;
        let base = base.to_canonical();
        let width = if base.is_ipv4() { 32 } else { 128 };
        let plain = length.bytes().all(|byte| byte.is_ascii_digit());
        let length = length
            .parse()
            .ok()
            .filter(|length| plain && *length <= width);
        let length: u8 = length.ok_or(NotANetwork::Form)?;
        let rest = bits(base).checked_shl(u32::from(length)).unwrap_or(0);
        if rest == 0 {
            Ok(Self { base, length })
        } else {
            Err(NotANetwork::Beyond)
        }
    }
}

/// Where one endpoint's webhooks may go.
#[derive(Debug, Clone)]
pub(super) struct Guard {
    pub(super) allow: Vec<Network>,
    /// Only to the networks above: nothing protects what is sent.
    pub(super) plain: bool,
}

impl Guard {
    pub(super) fn permits(&self, ip: IpAddr) -> bool {
        self.allow.iter().any(|network| network.holds(ip)) || (!self.plain && is_public(ip))
    }
}
