//! The keys of the process: time, people, waits, data.

use super::Kind::{Choice, Choices, Switch, Whole, Word, Words};
use super::Stricter::{Less, More, Neither};
use super::Within::{From, UpTo};
use super::{Key, Section};
use crate::policy::FACE_FINDINGS;

const EVIDENCE: &[&str] = &["id_front", "id_back", "note_photo", "video", "screenshot"];
const CHANGES: &[&str] = &[
    "new_email",
    "new_factor",
    "new_device",
    "suspicious_login",
    "password_changed",
    "handover",
    "other",
];
pub(super) const TIERS: &[&str] = &["standard", "elevated", "high", "exceptional"];

#[rustfmt::skip]
pub(super) const SECTIONS: &[Section] = &[
    Section { path: "", says: "The document itself", optional: false, keys: &[
        Key::of("version", Whole, Neither, "the version, which each case keeps"),
    ] },
    Section { path: "gathering", says: "While the applicant gathers evidence", optional: false,
        keys: &[
        Key::of("days_to_finish", Whole, Less,
            "the time to hand everything in, from opening and again after each return")
            .in_unit("days"),
        Key::of("returns_per_item_max", Whole, Less,
            "how often the software may ask for one item again before people look")
            .in_unit("times"),
        Key::of("returns_by_people_max", Whole, Less, "how often reviewers may ask again")
            .in_unit("times"),
        Key::of("required", Choices(EVIDENCE), More, "the evidence that nobody may leave out"),
    ] },
    Section { path: "checking", says: "The automatic phase", optional: false, keys: &[
        Key::of("hours_max", Whole, Neither,
            "the longest time for the automatic checks, after which people look without them")
            .in_unit("hours"),
    ] },
    Section { path: "review", says: "The human phase", optional: false, keys: &[
        Key::of("business_days", Whole, Neither, "the time for a decision that is promised")
            .in_unit("business days"),
        Key::of("business_days_aim", Whole, Neither, "the usual time for a decision")
            .in_unit("business days").within(UpTo("review.business_days")),
        Key::of("lease_minutes", Whole, Neither,
            "how long a reviewer holds a case without a verdict").in_unit("minutes"),
        Key::of("open_per_reviewer_max", Whole, Neither,
            "how many cases one reviewer may hold at a time").in_unit("cases"),
        Key::of("same_pair_per_week_max", Whole, Less,
            "how many cases the same two reviewers may decide together in a week")
            .in_unit("cases"),
        Key::of("note_characters_min", Whole, Neither, "the shortest reason for a refusal")
            .in_unit("characters"),
    ] },
    Section { path: "cooling_off", says: "Waits after an approval", optional: false, keys: &[
        Key::of("standard_hours", Whole, More, "the shortest wait").in_unit("hours"),
        Key::of("elevated_hours", Whole, More, "the wait of an elevated case").in_unit("hours"),
        Key::of("high_hours", Whole, More, "the wait of a high case").in_unit("hours"),
        Key::of("exceptional_hours", Whole, More, "the wait of an exceptional case")
            .in_unit("hours"),
        Key::of("after_contest_hours", Whole, More,
            "the shortest wait after a contested case was decided for the applicant")
            .in_unit("hours"),
    ] },
    Section { path: "changes", says: "What changes of the account add to a wait", optional: false,
        keys: &[
        Key::of("new_email", Whole, More, "what another e-mail address adds to a wait")
            .in_unit("hours"),
        Key::of("new_factor", Whole, More, "what another second factor adds to a wait")
            .in_unit("hours"),
        Key::of("new_device", Whole, More, "what a sign-in from a new device adds to a wait")
            .in_unit("hours"),
        Key::of("suspicious_login", Whole, More, "what a suspicious sign-in adds to a wait")
            .in_unit("hours"),
        Key::of("password_changed", Whole, More, "what another password adds to a wait")
            .in_unit("hours"),
        Key::of("handover", Whole, More, "what a handover that is begun again adds to a wait")
            .in_unit("hours"),
        Key::of("other", Whole, More, "what any other change adds to a wait").in_unit("hours"),
        Key::of("restart", Choices(CHANGES), More,
            "the changes that begin the whole wait anew, if that ends later"),
        Key::of("days_max", Whole, More, "what all changes together may add to one wait")
            .in_unit("days"),
    ] },
    Section { path: "handover", says: "Binding new credentials", optional: false, keys: &[
        Key::of("ticket_hours", Whole, Less, "how long a handover link works").in_unit("hours"),
        Key::of("days_to_finish", Whole, Less,
            "the time for the handover, after which the case expires").in_unit("days"),
        Key::of("after_the_wait", Choices(TIERS), More,
            "the tiers that get their handover only after the wait"),
        Key::of("passkey_required", Switch, More, "whether a passkey must be bound"),
    ] },
    Section { path: "fresh_face", says: "A face shown afresh in place of the case key",
        optional: true, keys: &[
        Key::of("findings", Choices(FACE_FINDINGS), More,
            "the findings of its video that must be a pass"),
        Key::of("tries", Whole, Less, "how often a face that did not pass may be shown again")
            .in_unit("times"),
        Key::of("minutes", Whole, Less, "how long a face that passed stands for the key")
            .in_unit("minutes"),
    ] },
    Section { path: "veto", says: "Objection and dispute", optional: false, keys: &[
        Key::of("days_after_recovery", Whole, More,
            "how long after a recovery the holder can still stop it").in_unit("days"),
        Key::of("dispute_days", Whole, Neither, "the time to dispute a veto").in_unit("days"),
        Key::of("rival_evidence_hours", Whole, Neither,
            "the time for stopped rivals to add evidence before seniors decide").in_unit("hours"),
    ] },
    Section { path: "contest", says: "Two sides, decided by seniors", optional: false, keys: &[
        Key::of("evidence_hours", Whole, Neither,
            "the time for both sides to show theirs before anybody decides").in_unit("hours"),
        Key::of("seniors", Whole, More, "how many seniors must agree").in_unit("seniors"),
        Key::of("seniors_against_live_factor", Whole, More,
            "how many must agree on the applicant when the objector has shown a live factor")
            .in_unit("seniors").within(From("contest.seniors")),
        Key::of("wait_hours_against_live_factor", Whole, More,
            "the shortest wait when the applicant was believed against a live factor")
            .in_unit("hours").within(From("cooling_off.after_contest_hours")),
    ] },
    Section { path: "marks", says: "What a stopped request leaves behind", optional: false, keys: &[
        Key::of("days", Whole, More,
            "how long the new address, device and face of a stopped request count in others")
            .in_unit("days"),
        Key::of("tier", Choice(TIERS), Neither, "the least tier of a request with one of them"),
    ] },
    Section { path: "thaw", says: "Limits that rise after the wait", optional: false, keys: &[
        Key::of("in_steps", Switch, More, "whether limits rise step by step after the wait"),
        Key::of("first_hours", Whole, More, "how long the first limit holds, from the wait's end")
            .in_unit("hours"),
        Key::of("first_percent", Whole, Less,
            "the share of an account's holdings that may leave it in 24 hours, at first")
            .in_unit("percent"),
        Key::of("second_hours", Whole, More, "how long the second limit holds, from the wait's end")
            .in_unit("hours").within(From("thaw.first_hours")),
        Key::of("second_percent", Whole, Less, "the share at the second step")
            .in_unit("percent").within(From("thaw.first_percent")),
        Key::of("third_hours", Whole, More, "how long the third limit holds, from the wait's end")
            .in_unit("hours").within(From("thaw.second_hours")),
        Key::of("third_percent", Whole, Less, "the share at the third step")
            .in_unit("percent").within(From("thaw.second_percent")),
        Key::of("known_addresses_hours", Whole, More,
            "how long value may only go to withdrawal addresses from before the request")
            .in_unit("hours").within(UpTo("thaw.third_hours")),
    ] },
    Section { path: "appeal", says: "Appeal against a refusal", optional: false, keys: &[
        Key::of("days", Whole, Neither, "the time for an appeal").in_unit("days"),
    ] },
    Section { path: "lock", says: "The lock before an approval", optional: false, keys: &[
        Key::of("days_per_account_max", Whole, Neither,
            "how long an account may be locked without an approval, in all its cases of a year")
            .in_unit("days"),
    ] },
    Section { path: "retention", says: "When a case's data is destroyed", optional: false,
        keys: &[
        Key::of("days_after_end", Whole, Neither,
            "how long data is kept after the last moment for an objection").in_unit("days")
            .within(UpTo("retention.days_max")),
        Key::of("phantom_days", Whole, Neither,
            "the same for a case about an account that does not exist").in_unit("days")
            .within(UpTo("retention.days_after_end")),
        Key::of("days_max", Whole, Neither, "how long any case's data may live").in_unit("days"),
    ] },
    Section { path: "gallery", says: "Faces of earlier applicants", optional: true, keys: &[
        Key::of("on", Switch, More,
            "whether faces of applicants who agreed to it are kept and searched"),
    ] },
    Section { path: "restrictions", says: "What a restricted account may do", optional: false,
        keys: &[
        Key::of("cooling_off_allow", Words, Less, "what an account may do during the wait"),
        Key::of("locked_allow", Words, Less, "what a locked account may do"),
    ] },
    Section { path: "calendar", says: "Business days", optional: false, keys: &[
        Key::of("time_zone", Word, Neither, "the time zone in which a day begins"),
        Key::of("weekend", Words, Neither, "the days of the week on which nobody works"),
        Key::of("holidays", Words, Neither, "the dates on which nobody works, as YYYY-MM-DD"),
    ] },
];
