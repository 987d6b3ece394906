//! Clues, signals and stake of an applicant, as the shell would have gathered them.

use recovery::clues::{ClueFinding, ClueKind, ClueReason, ClueResult};
use recovery::risk::{Grounds, Stake};
use recovery::signal::{Bearing, Signal};

use crate::draw::Dice;
use crate::keys::{Trait, Values};

/// Draws them; as many draws whatever comes of them. `earlier`: requests for the same account
/// before this one.
pub(crate) fn draw(values: &Values<Trait>, earlier: usize, dice: &mut Dice) -> Grounds {
    let of = |key| values.of(key);
    let stake = match dice.share() {
        draw if draw < of(Trait::StakeLarge) => Stake::Large,
        draw if draw < of(Trait::StakeLarge) + of(Trait::StakeMedium) => Stake::Medium,
        _ => Stake::Small,
    };
    Grounds {
        clues: clues(values, dice),
        signals: signals(values, earlier, dice),
        ..Grounds::of_stake(stake)
    }
}

fn clues(values: &Values<Trait>, dice: &mut Dice) -> Vec<ClueFinding> {
    let shares = [Trait::ClueMatch, Trait::ClueNear, Trait::ClueMiss].map(|key| values.of(key));
    let [right, near, wrong] = shares;
    let answer = |clue| {
        let (result, reason) = match dice.share() {
            draw if draw < right => (ClueResult::Match, ClueReason::Same),
            draw if draw < right + near => (ClueResult::Near, ClueReason::PartOnly),
            draw if draw < right + near + wrong => (ClueResult::Miss, ClueReason::Different),
            _ => (ClueResult::Unknown, ClueReason::NotGiven),
        };
        ClueFinding {
            clue,
            result,
            reason,
        }
    };
    ClueKind::ALL.map(answer).to_vec()
}

fn signals(values: &Values<Trait>, earlier: usize, dice: &mut Dice) -> Vec<Signal> {
    let of = |key| values.of(key);
    let mut both = |code, lowers: Trait, raises: Trait| {
        let draw = dice.share();
        let bearing = if draw < of(lowers) {
            Bearing::Lowers
        } else if draw < of(lowers) + of(raises) {
            Bearing::Raises
        } else {
            Bearing::Neutral
        };
        Signal::new(code, bearing)
    };
    let mut signals = vec![
        both("device.familiar", Trait::DeviceKnown, Trait::DeviceNew),
        both("ip.distance", Trait::Near, Trait::Far),
    ];
    for (code, raises) in [
        ("ip.travel", Trait::Travel),
        ("ip.network", Trait::Network),
        ("account.changes", Trait::Changes),
    ] {
        let bearing = if dice.chance(of(raises)) {
            Bearing::Raises
        } else {
            Bearing::Neutral
        };
        signals.push(Signal::new(code, bearing));
    }
    if earlier > 0 {
        signals.push(Signal::new("velocity.account", Bearing::Raises));
    }
    signals
}
