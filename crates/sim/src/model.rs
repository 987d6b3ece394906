//! The model: every parameter with its value and the reason for it, read from TOML and checked.

mod read;

use std::collections::BTreeMap;

use serde::Deserialize;
use thiserror::Error;

use read::{bounds, last, named, read};

use crate::keys::{Key, Pace, Staff, TOGETHER, Trait, Values, Watch};

/// The model that ships with Regain.
pub const DEFAULT_MODEL: &str = include_str!("model.default.toml");

/// Honest people, in the order of the report; the first is the headline.
pub const GROUPS: [&str; 7] = [
    "ordinary",
    "clear",
    "blurry",
    "forgetful",
    "travelling",
    "new_phone",
    "changed_looks",
];

/// Attacks, in the order of the report.
pub const ATTACKS: [&str; 8] = [
    "bought_data",
    "stolen_clues",
    "look_alike",
    "replay",
    "bribed_reviewer",
    "hijacked_mailbox",
    "mass_appeals",
    "colluding_pair",
];

/// An honest applicant whose new mailbox is read by somebody else.
pub(crate) const HIJACKED: &str = "hijacked_mailbox";
/// The attack that no quorum of two can stop: outside of the goal.
pub(crate) const PAIR: &str = "colluding_pair";
/// A part of the population.
const SHARE: &str = "share";
/// Characters of a reason.
const WHY_MAX: usize = 400;

/// A parameter.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// What it is.
    pub value: f64,
    /// Where it comes from.
    pub why: String,
}

/// Why a model cannot be used; the text says where and what to do.
#[derive(Debug, Error)]
pub enum ModelError {
    /// Not TOML.
    #[error("{0}")]
    Document(#[from] toml::de::Error),
    /// A section, a group, an attack or a parameter that does not exist.
    #[error("{path}: nothing is called that; known here: {known}")]
    Unknown {
        /// Where.
        path: String,
        /// What could stand there.
        known: String,
    },
    /// Not a table with a value and a reason.
    #[error("{path}: write {{ value = NUMBER, why = \"REASON\" }}")]
    Shape {
        /// Where.
        path: String,
    },
    /// A number outside its bounds.
    #[error("{path}: {value} is out of range; use {least} to {most}")]
    Range {
        /// Where.
        path: String,
        /// What it says.
        value: f64,
        /// The least allowed.
        least: f64,
        /// The most allowed.
        most: f64,
    },
    /// No reason, or a very long one.
    #[error("{path}: say why, in 1 to {WHY_MAX} characters")]
    Why {
        /// Where.
        path: String,
    },
    /// Outcomes of one draw that are more than certain.
    #[error("{section}: {names} are outcomes of one draw and together above 1")]
    Together {
        /// Which section.
        section: String,
        /// Which parameters.
        names: String,
    },
    /// Nobody would be drawn.
    #[error("{section}: the shares add up to nothing")]
    Shares {
        /// Which section.
        section: &'static str,
    },
    /// Only in the model that ships: a parameter is missing.
    #[error("{path}: missing")]
    Missing {
        /// Which.
        path: String,
    },
}

/// A checked model: parameters by their path, such as `honest.face_fail`.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    parameters: BTreeMap<String, Parameter>,
}

impl Model {
    /// The one that ships.
    ///
    /// # Errors
    /// None, as a test says.
    pub fn shipped() -> Result<Self, ModelError> {
        let parameters = read(DEFAULT_MODEL)?;
        let model = Self { parameters };
        model.complete()?;
        model.sensible()?;
        Ok(model)
    }

    /// A file laid over the one that ships.
    ///
    /// # Errors
    /// The first thing that is wrong, with its place.
    pub fn parse(text: &str) -> Result<Self, ModelError> {
        let mut model = Self::shipped()?;
        model.parameters.extend(read(text)?);
        model.sensible()?;
        Ok(model)
    }

    /// Every parameter.
    #[must_use]
    pub const fn parameters(&self) -> &BTreeMap<String, Parameter> {
        &self.parameters
    }

    /// The same with one value times `factor`, kept in its range; none where that changes nothing.
    #[must_use]
    pub fn scaled(&self, path: &str, factor: f64) -> Option<Self> {
        let (least, most) = bounds(path)?;
        let mut scaled = self.clone();
        let parameter = scaled.parameters.get_mut(path)?;
        let mut value = (parameter.value * factor).clamp(least, most);
        // People and requests come in whole numbers.
        if ["reviewers", "seniors", "tries", "bribed"].contains(&last(path)) {
            value = value.round();
        }
        if value.to_bits() == parameter.value.to_bits() {
            return None;
        }
        parameter.value = value;
        Some(scaled)
    }

    fn value(&self, path: &str) -> Option<f64> {
        self.parameters.get(path).map(|one| one.value)
    }

    fn complete(&self) -> Result<(), ModelError> {
        let of_honest = Trait::ALL.iter().filter(|one| !one.of_attackers());
        let mut paths: Vec<String> = of_honest.map(|k| format!("honest.{}", k.name())).collect();
        paths.extend(named("attacker", Trait::ALL));
        paths.extend(named("reviewers", Staff::ALL));
        paths.extend(named("holder", Watch::ALL));
        paths.extend(named("time", Pace::ALL));
        paths.extend(GROUPS.map(|name| format!("groups.{name}.{SHARE}")));
        paths.extend(ATTACKS.map(|name| format!("attacks.{name}.{SHARE}")));
        match paths.into_iter().find(|path| self.value(path).is_none()) {
            Some(path) => Err(ModelError::Missing { path }),
            None => Ok(()),
        }
    }

    /// What no single parameter shows: outcomes of one draw, and shares.
    fn sensible(&self) -> Result<(), ModelError> {
        let honest = GROUPS.map(|name| ("honest", format!("groups.{name}")));
        let attacks = ATTACKS.map(|name| ("attacker", format!("attacks.{name}")));
        for (base, section) in honest.into_iter().chain(attacks) {
            let values = self.traits(base, &section);
            for outcomes in TOGETHER {
                let sum: f64 = outcomes.iter().map(|one| values.of(*one)).sum();
                // Sums of shares that are 1 by their digits.
                if sum > 1.0 + 1e-9 {
                    let names: Vec<&str> = outcomes.iter().map(|one| one.name()).collect();
                    let names = names.join(", ");
                    return Err(ModelError::Together { section, names });
                }
            }
        }
        for (section, sum) in [
            ("groups", self.shares("groups", &GROUPS)),
            ("attacks", self.shares("attacks", &ATTACKS)),
        ] {
            if sum.iter().sum::<f64>() <= 0.0 {
                return Err(ModelError::Shares { section });
            }
        }
        Ok(())
    }

    fn shares(&self, section: &str, names: &[&str]) -> Vec<f64> {
        let path = |name: &&str| format!("{section}.{name}.{SHARE}");
        let share = |name| self.value(&path(name)).unwrap_or_default();
        names.iter().map(share).collect()
    }

    fn traits(&self, base: &str, section: &str) -> Values<Trait> {
        Values::new(|key: Trait| {
            let own = self.value(&format!("{section}.{}", key.name()));
            let value = own.or_else(|| self.value(&format!("{base}.{}", key.name())));
            value.unwrap_or(key.bounds().0)
        })
    }

    /// The model as the simulation reads it.
    pub(crate) fn compile(&self) -> Compiled {
        let plain = |section: &'static str| {
            move |name: &str| self.value(&format!("{section}.{name}")).unwrap_or_default()
        };
        let attack = |name: &&str| match *name {
            HIJACKED => self.traits("honest", "attacks.hijacked_mailbox"),
            other => self.traits("attacker", &format!("attacks.{other}")),
        };
        Compiled {
            group_shares: self.shares("groups", &GROUPS),
            attack_shares: self.shares("attacks", &ATTACKS),
            groups: GROUPS
                .iter()
                .map(|name| self.traits("honest", &format!("groups.{name}")))
                .collect(),
            attacks: ATTACKS.iter().map(attack).collect(),
            staff: Values::new(|key: Staff| plain("reviewers")(key.name())),
            watch: Values::new(|key: Watch| plain("holder")(key.name())),
            pace: Values::new(|key: Pace| plain("time")(key.name())),
            fallback: crate::applicant::least(),
        }
    }
}

/// A model with every number in its place.
#[derive(Debug)]
pub(crate) struct Compiled {
    pub(crate) group_shares: Vec<f64>,
    pub(crate) attack_shares: Vec<f64>,
    pub(crate) groups: Vec<Values<Trait>>,
    pub(crate) attacks: Vec<Values<Trait>>,
    pub(crate) staff: Values<Staff>,
    pub(crate) watch: Values<Watch>,
    pub(crate) pace: Values<Pace>,
    /// Of nobody: what stands where a place does not exist.
    pub(crate) fallback: Values<Trait>,
}
