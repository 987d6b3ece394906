//! What the shell read for `decide`, in the same transaction that stores the answer.

use crate::actor::Rank;
use crate::calendar::Calendar;
use crate::case::securing::SecuringAction;
use crate::id::CaseId;
use crate::policy::Policy;
use crate::time::{Span, Timestamp};

/// Another case of the same account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rival {
    /// Which.
    pub case: CaseId,
    /// It passed phase 1 and is not over.
    pub passed_phase1: bool,
    /// It holds the account's one approval.
    pub holds_approval: bool,
    /// When it was approved last, if it ever was.
    pub approved_at: Option<Timestamp>,
    /// It is open and proved the same new address.
    pub same_contact: bool,
}

/// The member of staff who acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffFacts {
    /// Rank now.
    pub rank: Rank,
    /// A recorded conflict of interest with this case.
    pub conflict: bool,
    /// Cases held now.
    pub held: u32,
    /// How often this pair of reviewers decided together in the last seven days.
    pub pair_this_week: u32,
}

/// What `decide` may know besides the case.
#[derive(Debug, Clone)]
pub struct Facts<'a> {
    /// The policy stamped on the case (for a new case: the one in force).
    pub policy: &'a Policy,
    /// That policy's calendar.
    pub calendar: &'a Calendar,
    /// Other cases of the account (for a phantom: phantoms that named the same account, so that
    /// they merge as known ones do).
    pub rivals: Vec<Rival>,
    /// How long other cases without an approval locked the account in the last year, locks that
    /// still run included (or two rivals would get the cap twice).
    pub locked_before: Span,
    /// The acting member of staff, when one acts.
    pub staff: Option<StaffFacts>,
    /// What the platform declares it can secure.
    pub securing: Vec<SecuringAction>,
    /// Whether it declares that it keeps to limits after the wait.
    pub thaws: bool,
}
