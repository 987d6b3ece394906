//! The keys of clues, risk and quorum.

use super::Kind::{Choice, Number, Points, Whole, Words};
use super::Stricter::{Less, More, Neither};
use super::Within::From;
use super::process::TIERS;
use super::{Key, Section};

#[rustfmt::skip]
pub(super) const SECTIONS: &[Section] = &[
    Section { path: "quorum", says: "How many reviewers must agree", optional: false, keys: &[
        Key::of("standard", Whole, More, "how many must agree in a standard case")
            .in_unit("reviewers"),
        Key::of("elevated", Whole, More, "how many must agree in an elevated case")
            .in_unit("reviewers"),
        Key::of("high", Whole, More, "how many must agree in a high case").in_unit("reviewers"),
        Key::of("exceptional", Whole, More, "how many must agree in an exceptional case")
            .in_unit("reviewers"),
        Key::of("senior_from", Choice(TIERS), Neither,
            "the tier from which one of them must be a senior"),
    ] },
    Section { path: "clues", says: "What the applicant recalls: it never lowers a gate, a tier, a \
        quorum or a wait", optional: false, keys: &[
        Key::of("cap", Number, Neither, "the most that all clues together count, either way")
            .in_unit("points"),
        Key::of("near_share", Number, Neither, "the share of its weight that a near answer counts"),
        Key::of("miss_share", Number, More,
            "the share of its weight that a wrong answer adds to the risk"),
        Key::of("city_near_km", Number, Less,
            "how far from the last sign-in another city is still near").in_unit("km"),
    ] },
    Section { path: "clues.weights", says: "What a right answer counts", optional: false, keys: &[
        Key::of("opened", Number, Neither, "the weight of the month of opening").in_unit("points"),
        Key::of("cards", Number, Neither, "the weight of bank cards").in_unit("points"),
        Key::of("addresses", Number, Neither, "the weight of past withdrawal addresses")
            .in_unit("points"),
        Key::of("last_city", Number, Neither, "the weight of the last sign-in's city")
            .in_unit("points"),
        Key::of("last_device", Number, Neither, "the weight of the last sign-in's device")
            .in_unit("points"),
        Key::of("phones", Number, Neither, "the weight of phone digits").in_unit("points"),
    ] },
    Section { path: "clues.leaked", says: "The share of a weight that counts for nothing, because \
        it is public, sold or from a breach", optional: false, keys: &[
        Key::of("opened", Number, More, "the discount of the month of opening"),
        Key::of("cards", Number, More, "the discount of bank cards"),
        Key::of("addresses", Number, More, "the discount of past withdrawal addresses"),
        Key::of("last_city", Number, More, "the discount of the last sign-in's city"),
        Key::of("last_device", Number, More, "the discount of the last sign-in's device"),
        Key::of("phones", Number, More, "the discount of phone digits"),
    ] },
    Section { path: "signals", says: "Circumstances that raise or lower risk", optional: false,
        keys: &[
        Key::of("near_km", Whole, Less,
            "how near to a past login a request comes from where the holder usually is")
            .in_unit("km"),
        Key::of("far_km", Whole, Less, "how far from every past login it is somewhere else")
            .in_unit("km").within(From("signals.near_km")),
        Key::of("travel_kmh", Whole, Less, "the speed from which nobody travels")
            .in_unit("km an hour"),
        Key::of("high_risk_countries", Words, More,
            "the countries from which people must be asked first"),
        Key::of("restricted_countries", Words, More, "the countries that are not served"),
        Key::of("changes_days", Whole, More, "how long a changed factor counts as recent")
            .in_unit("days"),
        Key::of("network_cases", Whole, Less,
            "how many other cases from one network in 30 days are unusual").in_unit("cases"),
        Key::of("device_cases", Whole, Less,
            "how many other cases of one device in 30 days are unusual").in_unit("cases"),
        Key::of("account_cases", Whole, Less,
            "how many other cases for one account in 30 days are unusual").in_unit("cases"),
        Key::of("contact_cases", Whole, Less,
            "how many cases for other accounts with the same new address are unusual")
            .in_unit("cases"),
    ] },
    Section { path: "risk", says: "How risk is counted", optional: false, keys: &[
        Key::of("elevated_from", Number, Less, "where the elevated tier begins").in_unit("points"),
        Key::of("high_from", Number, Less, "where the high tier begins").in_unit("points"),
        Key::of("exceptional_from", Number, Less, "where the exceptional tier begins")
            .in_unit("points"),
        Key::of("fast_below", Number, Less, "the points from which a case is not in the fast lane")
            .in_unit("points"),
        Key::of("fast_hours", Whole, Neither, "the time for a decision in the fast lane")
            .in_unit("business hours"),
        Key::of("standing", Choice(TIERS), Neither,
            "the least tier of an account that is restricted, archived or unverified"),
        Key::of("heavier", Points, Neither, "the findings that count more"),
    ] },
    Section { path: "risk.gates", says: "The least tier of a case in which a hard requirement did \
        not pass, so that people decide without it", optional: false, keys: &[
        Key::of("face", Choice(TIERS), Neither, "the least tier when a face is not recognized"),
        Key::of("document", Choice(TIERS), Neither,
            "the least tier when the document is not read as the one of the record"),
        Key::of("phrase", Choice(TIERS), Neither, "the least tier when the phrase is not heard"),
        Key::of("failed", Choice(TIERS), Neither,
            "the least tier when one of them speaks against the applicant"),
    ] },
    Section { path: "risk.stake", says: "The least tier by what the account is worth",
        optional: false, keys: &[
        Key::of("small", Choice(TIERS), Neither, "the least tier of a small account"),
        Key::of("medium", Choice(TIERS), Neither, "the least tier of a medium account"),
        Key::of("large", Choice(TIERS), Neither, "the least tier of a large account"),
    ] },
    Section { path: "risk.caution", says: "The least tier by the platform's own view",
        optional: false, keys: &[
        Key::of("low", Choice(TIERS), Neither, "the least tier where the platform sees nothing"),
        Key::of("medium", Choice(TIERS), Neither, "the least tier where it asks for some care"),
        Key::of("high", Choice(TIERS), Neither, "the least tier where it asks for most care"),
    ] },
    Section { path: "risk.outcomes", says: "Points of the worst finding of each family",
        optional: false, keys: &[
        Key::of("retake", Number, More, "a part to be taken again").in_unit("points"),
        Key::of("unsure", Number, More, "a doubt for people").in_unit("points"),
        Key::of("unavailable", Number, More, "a check that could not run").in_unit("points"),
        Key::of("fail", Number, More, "a finding against the applicant").in_unit("points"),
    ] },
    Section { path: "risk.signals", says: "Points of circumstances", optional: false, keys: &[
        Key::of("lowers", Number, Less, "what a familiar device or place takes away")
            .in_unit("points"),
        Key::of("raises", Number, More, "what an unusual circumstance adds").in_unit("points"),
        Key::of("unavailable", Number, More, "what a missing source adds").in_unit("points"),
        Key::of("heavier", Points, Neither, "the circumstances that add more"),
        Key::of("stronger", Points, Neither, "the circumstances that take more away"),
    ] },
];
